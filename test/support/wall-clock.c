// Waits of C11 threads under libfaketime. The C library waits for them without a call that libfaketime sees: a deadline by the faked clock
// would be held against the real one. Loaded before libfaketime, whose pthread_cond_timedwait knows both.
#include <errno.h>
#include <pthread.h>
#include <threads.h>

int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const struct timespec* deadline) {
  int error = pthread_cond_timedwait((pthread_cond_t*)condition, (pthread_mutex_t*)mutex, deadline);
  if (error == 0) return thrd_success;
  return error == ETIMEDOUT ? thrd_timedout : thrd_error;
}

// Exclusive ownership of a file between processes.
#pragma once

#include <string>

#include "js.h"

namespace millrace {

/// Opens (creates) the file and takes flock(LOCK_EX | LOCK_NB) on it. Returns the descriptor, -1 when another holds it, or -2 with
/// `failure` set. The lock ends with the process, however that ends, or with `unlockFile`.
int lockFile(const std::string& path, Outcome& failure);
void unlockFile(int file);

}  // namespace millrace

{
  'variables': {
    'kafka': '<(module_root_dir)/../node_modules/@confluentinc/kafka-javascript',
  },
  'targets': [
    {
      'target_name': 'millrace_native',
      'sources': [
        'src/addon.cc',
        'src/admin.cc',
        'src/delivery.cc',
        'src/environment.cc',
        'src/events.cc',
        'src/js.cc',
        'src/lane.cc',
        'src/lock.cc',
        'src/mock.cc',
        'src/producer.cc',
        'src/registry.cc',
        'src/reports.cc',
        'src/stamps.cc',
        'src/tasks.cc',
        'src/topics.cc',
        'src/transactions.cc',
        'src/wake.cc',
      ],
      'defines': ['NAPI_VERSION=8', 'NODE_GYP_MODULE_NAME=millrace_native'],
      'cflags': ['-isystem <(kafka)/deps/librdkafka/src', '-fvisibility=hidden', '-Wall', '-Wextra', '-Werror=return-type'],
      'cflags!': ['-O3'],
      'cflags_cc': ['-std=c++17', '-O2', '-fno-exceptions', '-fno-rtti'],
      'cflags_cc!': ['-std=gnu++17', '-std=gnu++20', '-O3'],
      # The librdkafka that @confluentinc/kafka-javascript built, and no other: the process must hold one.
      'libraries': ['<(kafka)/build/deps/librdkafka.so.1'],
      'ldflags': ["-Wl,-rpath,'$$ORIGIN/../../../node_modules/@confluentinc/kafka-javascript/build/deps'", '-Wl,--no-undefined-version'],
    },
  ],
}

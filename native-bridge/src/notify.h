// Datagrams to a service manager, as sd_notify(3) sends them.
#pragma once

#include <string>

namespace millrace {

/// Sends `message` to the datagram socket at `address`: a path, or an abstract name with `@` in front. Never waits.
/// Returns 0, or the errno of what failed.
int notify(const std::string& address, const std::string& message);

}  // namespace millrace

#include "cli/private_file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace meetpoint::cli {

Result<void> writePrivately(const std::filesystem::path& file, const std::string& text) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    const bool written = descriptor >= 0 &&
                         ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                         ::fsync(descriptor) == 0;
    if (descriptor >= 0) ::close(descriptor);
    if (written) return {};
    return fail(Error{ErrorKind::unavailable,
                      "file-not-writable",
                      "The secret could not be written to " + file.string() + " (" + std::strerror(errno) + ").",
                      {},
                      {},
                      0});
}

}  // namespace meetpoint::cli

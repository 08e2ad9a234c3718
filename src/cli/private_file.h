// Files that hold a secret.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace meetpoint::cli {

// Writes a new file that only its owner may read, from the first byte on. Code "file-not-writable", also
// where it exists already.
Result<void> writePrivately(const std::filesystem::path& file, const std::string& text);

}  // namespace meetpoint::cli

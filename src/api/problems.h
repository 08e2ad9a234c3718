// The problem codes that any endpoint may answer, besides those that it declares itself.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace meetpoint::api {

// Code and meaning, in order of code.
std::vector<std::pair<std::string, std::string>> commonProblems();

}  // namespace meetpoint::api

#pragma once
#include <string_view>

namespace aftercall::process {

std::string_view version();  // of the release
std::string_view commit();   // git describe when the build was configured

}  // namespace aftercall::process

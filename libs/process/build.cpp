#include "process/build.hpp"

namespace aftercall::process {

std::string_view version() { return AFTERCALL_VERSION; }
std::string_view commit() { return AFTERCALL_COMMIT; }

}  // namespace aftercall::process

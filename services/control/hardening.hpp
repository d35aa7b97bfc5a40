#pragma once

namespace aftercall::control {

// This process holds clear-text secrets: no core dump, no file that others can read. First thing in main.
void keep_to_ourselves();

}  // namespace aftercall::control

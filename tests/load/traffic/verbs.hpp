#pragma once
#include "arguments.hpp"

namespace load {

int answer(const Arguments& arguments);  // a CRM
int send(const Arguments& arguments);    // an upstream
int hop(const Arguments& arguments);     // one process of the floor
int record(const Arguments& arguments);  // what the topics hold

}  // namespace load

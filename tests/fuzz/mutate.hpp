#pragma once
#include <random>
#include <string>

#include "tests/fuzz/fuzz.hpp"

namespace aftercall::fuzz {

// One sample after one to eight random changes: bits, bytes, words, pieces moved, repeated or taken from
// another.
std::string mutated(const Subject& subject, std::mt19937_64& random);

}  // namespace aftercall::fuzz

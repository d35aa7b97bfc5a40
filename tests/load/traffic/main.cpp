#include <cstring>
#include <exception>
#include <iostream>

#include "verbs.hpp"

// The traffic around a measurement; tests/load/run starts these. It shares no code with what it measures.
int main(int count, char** words) {
  const std::string verb = count > 1 ? words[1] : "";
  try {
    const load::Arguments arguments(count, words);
    if (verb == "answer") return load::answer(arguments);
    if (verb == "send") return load::send(arguments);
    if (verb == "hop") return load::hop(arguments);
    if (verb == "record") return load::record(arguments);
  } catch (const std::exception& error) {
    std::cerr << "aftercall-load " << verb << ": " << error.what() << '\n';
    return 1;
  }
  std::cerr << "aftercall-load answer | send | hop | record; tests/load/run starts them\n";
  return 2;
}

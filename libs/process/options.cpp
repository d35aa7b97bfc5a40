#include "process/options.hpp"

namespace aftercall::process {

Result<Options> parse_options(int argc, const char* const* argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--help" || word == "-h") {
      options.help = true;
    } else if (word == "--version") {
      options.version = true;
    } else if (word == "--check-config") {
      options.check_config = true;
    } else if (word == "--effects=none") {
      options.dry_run = true;
    } else if (word.starts_with("--config=")) {
      options.config = word.substr(word.find('=') + 1);
    } else if (word == "--config" && i + 1 < argc) {
      options.config = argv[++i];
    } else {
      return fail(Cause::Malformed,
                  word == "--config" ? "--config needs a file" : "unknown option " + std::string(word));
    }
  }
  return options;
}

std::string usage(std::string_view name) {
  return "usage: aftercall-" + std::string(name) +
         " [options]\n"
         "  --config FILE    settings (TOML); without it, the defaults\n"
         "  --check-config   only read the settings; tell everything that is wrong with them\n"
         "  --effects=none   a dry run: say what would be done (stages only)\n"
         "  --version        which build this is\n"
         "  --help           this\n";
}

}  // namespace aftercall::process

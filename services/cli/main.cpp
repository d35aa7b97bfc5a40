#include <CLI/CLI.hpp>
#include <iostream>

#include "cli/commands.hpp"
#include "process/build.hpp"

using namespace aftercall;

namespace {

struct Options {
  std::string control;
  std::string token_file;
  std::string file;
  std::string tenant;
  std::string id;
  bool dry_run = false;
  bool json = false;
  cli::TopicsOptions topics;
  cli::SendOptions send;
  cli::ShowOptions show;
  cli::DeferredOptions deferred;
};

// Runs a command that speaks to control.
template <class Command>
int with_control(const Options& options, Command command) {
  const auto where = cli::find_control(options.control, options.token_file);
  if (where) return command(*where);
  std::cerr << "aftercall: " << where.error().detail << "\n";
  return cli::wrong_usage;
}

void declare_topics(CLI::App& app, Options& options, int& exit_code) {
  auto* create = app.add_subcommand("topics", "Kafka topics")
                     ->require_subcommand(1)
                     ->add_subcommand("create",
                                      "create what is missing and list every difference of what is there; "
                                      "alters nothing (exit code 3: differs)");
  auto* config =
      create->add_option("--config", options.topics.config,
                         "a service's settings file, whose [kafka] tells the next three and how Kafka is "
                         "signed in to");
  create->add_option("--brokers", options.topics.brokers, "Kafka, host:port,…")
      ->capture_default_str()
      ->excludes(config);
  create->add_option("--prefix", options.topics.prefix, "of all topics' names")
      ->capture_default_str()
      ->excludes(config);
  create->add_option("--topics-version", options.topics.version, "at the end of all topics' names")
      ->capture_default_str()
      ->excludes(config);
  create->add_option("--replication", options.topics.replication, "copies of each record; 1 on a laptop")
      ->capture_default_str();
  create->callback([&] { exit_code = cli::create_topics(options.topics); });
}

void declare_session(CLI::App& app, Options& options, int& exit_code) {
  auto* session = app.add_subcommand("session", "sessions")->require_subcommand(1);
  auto* send = session->add_subcommand("send", "send a session's JSON through the door");
  send->add_option("file", options.send.file, "a JSON file, - for standard input")->required();
  send->add_option("--door", options.send.door, "the door's address")->capture_default_str();
  send->add_option("--key-file", options.send.key_file,
                   "file with the source's API key (else AFTERCALL_KEY)");
  send->callback([&] { exit_code = cli::send_session(options.send); });
  auto* show = session->add_subcommand("show", "tell a session's story: what was written, where, or why not");
  show->add_option("id", options.show.session, "the upstream's session id")->required();
  show->add_option("--tenant", options.show.tenant, "where several tenants have this id");
  show->add_option("--source", options.show.source, "where several sources have this id");
  show->add_flag("--json", options.show.json, "for programs");
  show->callback([&] {
    exit_code = with_control(options,
                             [&](const cli::Where& where) { return cli::show_session(where, options.show); });
  });
}

void declare_control(CLI::App& app, Options& options, int& exit_code) {
  auto* apply = app.add_subcommand("apply", "make tenants, sources and connections as a file says");
  apply->add_option("-f,--file", options.file, "TOML: [[tenant]], [[source]], [[connection]]")->required();
  apply->add_flag("--dry-run", options.dry_run, "check and compare only");
  apply->callback([&] {
    exit_code = with_control(
        options, [&](const cli::Where& where) { return cli::apply(where, options.file, options.dry_run); });
  });
  auto* status = app.add_subcommand("status", "each stage: instances, lag, what waits, is blocked or dead");
  status->add_flag("--json", options.json, "for programs");
  status->callback([&] {
    exit_code =
        with_control(options, [&](const cli::Where& where) { return cli::show_status(where, options.json); });
  });
}

void name_one(CLI::App& command, Options& options) {
  command.add_option("tenant", options.tenant, "its tenant")->required();
  command.add_option("id", options.id, "its id")->required();
}

// A command for one thing of a tenant's.
using OnOne = int (*)(const cli::Where&, const std::string& tenant, const std::string& id);
void on_one(CLI::App& command, Options& options, int& exit_code, OnOne act) {
  name_one(command, options);
  command.callback([&, act] {
    exit_code = with_control(options,
                             [&](const cli::Where& where) { return act(where, options.tenant, options.id); });
  });
}

void declare_connection(CLI::App& app, Options& options, int& exit_code) {
  auto* connection = app.add_subcommand("connection", "connections to CRMs")->require_subcommand(1);
  auto* list = connection->add_subcommand("list", "each with its status, since when and why");
  list->add_option("--tenant", options.tenant, "of this tenant");
  list->add_flag("--json", options.json, "for programs");
  list->callback([&] {
    exit_code = with_control(options, [&](const cli::Where& where) {
      return cli::list_connections(where, options.tenant, options.json);
    });
  });
  on_one(*connection->add_subcommand("connect", "sign in anew and say what the CRM answers"), options,
         exit_code, cli::connect);
  on_one(*connection->add_subcommand(
             "probe", "look again after something was mended at the CRM; what it blocked goes on"),
         options, exit_code, cli::probe);
  on_one(*connection->add_subcommand("disconnect", "forget its sign-in; what is for it waits"), options,
         exit_code, cli::disconnect);
}

void declare_delete(CLI::App& app, Options& options, int& exit_code) {
  auto* remove =
      app.add_subcommand("delete", "take away what `apply` made; a file that no longer names it does not")
          ->require_subcommand(1);
  auto* tenant = remove->add_subcommand("tenant", "a tenant without sources and connections");
  tenant->add_option("tenant", options.tenant, "its id")->required();
  tenant->callback([&] {
    exit_code = with_control(
        options, [&](const cli::Where& where) { return cli::remove_tenant(where, options.tenant); });
  });
  on_one(*remove->add_subcommand("source", "a source, with its keys"), options, exit_code,
         cli::remove_source);
  on_one(*remove->add_subcommand("connection", "a connection, with its secrets"), options, exit_code,
         cli::remove_connection);
}

void declare_filter(CLI::App& command, cli::DeferredOptions& which) {
  command.add_option("--tenant", which.tenant, "of this tenant");
  command.add_option("--account", which.account, "for this CRM account");
  command.add_option("--stage", which.stage, "deferred by this stage");
  command.add_option("--kind", which.kind, "waiting, in doubt, blocked or dead");
  command.add_option("--cause", which.cause, "a cause, as the list shows it");
  command.add_option("--source", which.source, "of this source");
  command.add_option("--session", which.session, "of the session with this id");
  command.add_option("--key", which.keys, "the deferral with this key, as the list shows it; repeatable");
}

void declare_deferred(CLI::App& app, Options& options, int& exit_code) {
  auto* deferred = app.add_subcommand("deferred", "what waits, is blocked or dead")->require_subcommand(1);
  auto* list = deferred->add_subcommand("list", "show it, with why and until when");
  declare_filter(*list, options.deferred);
  list->add_option("--limit", options.deferred.limit, "how many at most")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  list->add_flag("--json", options.deferred.json, "for programs");
  list->callback([&] {
    exit_code = with_control(
        options, [&](const cli::Where& where) { return cli::list_deferred(where, options.deferred); });
  });
  auto* release = deferred->add_subcommand(
      "release", "try it again now, with its tries forgotten; at least one option must say what");
  declare_filter(*release, options.deferred);
  release->add_flag("--dry-run", options.deferred.dry_run, "only count");
  release->callback([&] {
    exit_code = with_control(
        options, [&](const cli::Where& where) { return cli::release_deferred(where, options.deferred); });
  });
  auto* discard = deferred->add_subcommand(
      "discard", "give it up, for good; at least one option must say what. Its story says who did and why");
  declare_filter(*discard, options.deferred);
  discard->add_option("--reason", options.deferred.reason, "why, for whoever asks later")->required();
  discard->add_flag("--dry-run", options.deferred.dry_run, "only count");
  discard->callback([&] {
    exit_code = with_control(
        options, [&](const cli::Where& where) { return cli::discard_deferred(where, options.deferred); });
  });
}

// Of a command that there is not, CLI11 says only that one is missing.
std::string mistake(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  const auto rest = command->remaining();
  const bool unknown =
      error.get_name() == "RequiredError" && !rest.empty() && command->get_require_subcommand_min() > 0;
  return unknown ? "there is no command " + rest.front() : error.what();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"aftercall: operates Aftercall, which does a company's after-call work", "aftercall"};
  Options options;
  int exit_code = cli::done;
  app.set_version_flag("--version", "aftercall " + std::string(process::version()) + " (" +
                                        std::string(process::commit()) + ")");
  app.add_option("--control", options.control,
                 "control's address, host:port (else from the file that AFTERCALL_CONFIG names)");
  app.add_option("--token-file", options.token_file, "file with a bearer token (else from that file, too)");
  app.require_subcommand(1);
  app.footer("Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a difference was found.");
  declare_topics(app, options, exit_code);
  declare_control(app, options, exit_code);
  declare_session(app, options, exit_code);
  declare_deferred(app, options, exit_code);
  declare_connection(app, options, exit_code);
  declare_delete(app, options, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    std::cerr << "aftercall: " << mistake(app, error) << " (--help tells more)\n";
    return cli::wrong_usage;
  } catch (const std::exception& error) {
    std::cerr << "aftercall: " << error.what() << "\n";
    return cli::failed;
  }
  return exit_code;
}

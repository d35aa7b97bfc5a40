#pragma once
#include <string>
#include <vector>

#include "cli/connection.hpp"

// One function a command. Each answers the process's exit code and has told everything there is to tell.
namespace aftercall::cli {

inline constexpr int done = 0, failed = 1, wrong_usage = 2, differs = 3;

struct TopicsOptions {
  std::string config;  // a service's settings file, instead of the next three; "" for none
  std::string brokers = "127.0.0.1:9092";
  std::string prefix = "aftercall.";
  std::string version = "v1";
  int replication = 3;
};
int create_topics(const TopicsOptions& options);

int apply(const Where& where, const std::string& file, bool dry_run);

int list_connections(const Where& where, const std::string& tenant,
                     bool json);  // all tenants' when it is empty
int connect(const Where& where, const std::string& tenant, const std::string& id);
int probe(const Where& where, const std::string& tenant, const std::string& id);
int disconnect(const Where& where, const std::string& tenant, const std::string& id);
int remove_tenant(const Where& where, const std::string& tenant);
int remove_source(const Where& where, const std::string& tenant, const std::string& id);
int remove_connection(const Where& where, const std::string& tenant, const std::string& id);

struct SendOptions {
  std::string file;  // "-" = standard input
  std::string door = "http://127.0.0.1:8480";
  std::string key_file;
};
int send_session(const SendOptions& options);

struct ShowOptions {
  std::string session;
  std::string tenant;
  std::string source;
  bool json = false;
};
int show_session(const Where& where, const ShowOptions& options);

// Which of what waits; what is empty does not narrow.
struct DeferredOptions {
  std::string tenant, account, stage, kind, cause, source, session;
  std::vector<std::string> keys;
  std::string reason;  // of a discard
  int limit = 100;
  bool json = false;
  bool dry_run = false;
};
int list_deferred(const Where& where, const DeferredOptions& options);
int release_deferred(const Where& where, const DeferredOptions& options);
int discard_deferred(const Where& where, const DeferredOptions& options);

int show_status(const Where& where, bool json);

}  // namespace aftercall::cli

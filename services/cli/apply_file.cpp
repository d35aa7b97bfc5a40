#include "cli/apply_file.hpp"

namespace aftercall::cli {
namespace {

namespace v1 = control::v1;
namespace events = aftercall::events::v1;

template <class Wanted>
void read_version(config::Table& table, Wanted& wanted) {
  std::int64_t version = 0;
  if (table.read("expected_version", version)) wanted.set_expected_version(version);
}

bool read_flag(config::Table& table, std::string_view key) {
  bool set = false;
  table.read(key, set);
  return set;
}

std::string read_secret(config::Table& table, std::string_view key) {
  Secret secret;
  table.read(key, secret);
  return std::string(secret.reveal());
}

template <class Value>
Value read_word(config::Table& table, std::string_view key,
                std::initializer_list<std::pair<std::string_view, Value>> words) {
  Value value = words.begin()->second;  // the first is what it is when left out
  table.read_one_of(key, value, words);
  return value;
}

const std::string& read_tenant(config::Table table, v1::WantedTenant& wanted) {
  auto& tenant = *wanted.mutable_tenant();
  std::vector<std::string> domains;
  table.require("id", *tenant.mutable_id());
  table.read("name", *tenant.mutable_name());
  table.read("region", *tenant.mutable_region());
  table.read("domains", domains);
  tenant.mutable_domains()->Assign(domains.begin(), domains.end());
  tenant.set_paused(read_flag(table, "paused"));
  tenant.set_appointment_notes(read_flag(table, "appointment_notes"));
  tenant.set_ambiguity(
      read_word<events::Tenant::Ambiguity::Value>(table, "ambiguity",
                                                  {{"oldest", events::Tenant::Ambiguity::oldest},
                                                   {"none", events::Tenant::Ambiguity::none},
                                                   {"all", events::Tenant::Ambiguity::all}}));
  tenant.set_create_contacts(read_word<events::Tenant::Create::Value>(
      table, "create_contacts",
      {{"never", events::Tenant::Create::never},
       {"when_email_known", events::Tenant::Create::when_email_known},
       {"always", events::Tenant::Create::always}}));
  read_version(table, wanted);
  return tenant.id();
}

const v1::WantedSource& read_source(config::Table table, v1::WantedSource& wanted) {
  table.require("tenant", *wanted.mutable_tenant());
  table.require("id", *wanted.mutable_id());
  table.read("name", *wanted.mutable_name());
  wanted.set_disabled(read_flag(table, "disabled"));
  wanted.set_generate_key(read_flag(table, "generate_key"));
  wanted.set_revisions(
      read_word<events::Source::Revisions::Value>(table, "revisions",
                                                  {{"none", events::Source::Revisions::none},
                                                   {"number", events::Source::Revisions::number},
                                                   {"updated_at", events::Source::Revisions::updated_at}}));
  for (const auto* key : {"key", "next_key"}) {  // while a key is being rotated both are valid
    Secret given;
    if (table.read(key, given)) wanted.add_keys(std::string(given.reveal()));
  }
  read_version(table, wanted);
  return wanted;
}

const v1::WantedConnection& read_connection(config::Table table, v1::WantedConnection& wanted) {
  std::map<std::string, std::string> settings;
  table.require("tenant", *wanted.mutable_tenant());
  table.require("id", *wanted.mutable_id());
  table.require("crm", *wanted.mutable_crm());
  table.require("url", *wanted.mutable_url());
  table.read("client_id", *wanted.mutable_client_id());
  wanted.set_client_secret(read_secret(table, "client_secret"));
  wanted.set_refresh_token(read_secret(table, "refresh_token"));
  wanted.set_api_token(read_secret(table, "api_token"));
  table.read("settings", settings);
  wanted.mutable_settings()->insert(settings.begin(), settings.end());
  read_version(table, wanted);
  return wanted;
}

}  // namespace

std::string ApplyFile::name_of(const std::string& kind, const std::string& tenant, const std::string& id) {
  return kind + " " + (kind == "tenant" ? tenant : tenant + "/" + id);
}

Result<ApplyFile> read_apply_file(const config::Tree& tree) {
  ApplyFile file;
  auto& request = file.request;
  for (auto& table : tree.root().tables("tenant")) {
    const auto& id = read_tenant(table, *request.add_tenants());
    file.lines.emplace(ApplyFile::name_of("tenant", id, id), table.line());
  }
  for (auto& table : tree.root().tables("source")) {
    const auto& source = read_source(table, *request.add_sources());
    file.lines.emplace(ApplyFile::name_of("source", source.tenant(), source.id()), table.line());
  }
  for (auto& table : tree.root().tables("connection")) {
    const auto& connection = read_connection(table, *request.add_connections());
    file.lines.emplace(ApplyFile::name_of("connection", connection.tenant(), connection.id()), table.line());
  }
  if (const auto finished = tree.finish(); !finished) return tl::unexpected(finished.error());
  if (request.tenants().empty() && request.sources().empty() && request.connections().empty())
    return fail(Cause::Malformed, "the file holds no [[tenant]], [[source]] or [[connection]]");
  return file;
}

}  // namespace aftercall::cli

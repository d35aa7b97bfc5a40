#include "cli/apply_file.hpp"

namespace aftercall::cli {
namespace {

namespace v1 = control::v1;
namespace events = aftercall::events::v1;

void read_version(config::Table& table, const std::function<void(std::int64_t)>& set) {
  std::int64_t version = 0;
  if (table.read("expected_version", version)) set(version);
}

void read_tenant(config::Table table, v1::WantedTenant& wanted) {
  auto& tenant = *wanted.mutable_tenant();
  std::string id;
  std::string name;
  std::string region;
  std::vector<std::string> domains;
  bool paused = false;
  bool appointment_notes = false;
  auto ambiguity = events::Tenant::Ambiguity::oldest;
  auto create = events::Tenant::Create::never;
  table.require("id", id);
  table.read("name", name);
  table.read("region", region);
  table.read("domains", domains);
  table.read("paused", paused);
  table.read("appointment_notes", appointment_notes);
  table.read_one_of("ambiguity", ambiguity,
                    {{"oldest", events::Tenant::Ambiguity::oldest},
                     {"none", events::Tenant::Ambiguity::none},
                     {"all", events::Tenant::Ambiguity::all}});
  table.read_one_of("create_contacts", create,
                    {{"never", events::Tenant::Create::never},
                     {"when_email_known", events::Tenant::Create::when_email_known},
                     {"always", events::Tenant::Create::always}});
  tenant.set_id(id);
  tenant.set_name(name);
  tenant.set_region(region);
  for (const auto& domain : domains) tenant.add_domains(domain);
  tenant.set_paused(paused);
  tenant.set_appointment_notes(appointment_notes);
  tenant.set_ambiguity(ambiguity);
  tenant.set_create_contacts(create);
  read_version(table, [&](std::int64_t version) { wanted.set_expected_version(version); });
}

void read_source(config::Table table, v1::WantedSource& wanted) {
  std::string tenant;
  std::string id;
  std::string name;
  Secret key;
  bool disabled = false;
  bool generate = false;
  auto revisions = events::Source::Revisions::none;
  table.require("tenant", tenant);
  table.require("id", id);
  table.read("name", name);
  table.read("disabled", disabled);
  table.read("generate_key", generate);
  table.read_one_of("revisions", revisions,
                    {{"none", events::Source::Revisions::none},
                     {"number", events::Source::Revisions::number},
                     {"updated_at", events::Source::Revisions::updated_at}});
  if (table.read("key", key)) wanted.add_keys(std::string(key.reveal()));
  Secret next;  // while a key is being rotated both are valid
  if (table.read("next_key", next)) wanted.add_keys(std::string(next.reveal()));
  wanted.set_tenant(tenant);
  wanted.set_id(id);
  wanted.set_name(name);
  wanted.set_disabled(disabled);
  wanted.set_generate_key(generate);
  wanted.set_revisions(revisions);
  read_version(table, [&](std::int64_t version) { wanted.set_expected_version(version); });
}

void read_connection(config::Table table, v1::WantedConnection& wanted) {
  std::string tenant;
  std::string id;
  std::string crm;
  std::string url;
  std::string client_id;
  Secret client_secret;
  Secret refresh_token;
  Secret api_token;
  std::map<std::string, std::string> settings;
  table.require("tenant", tenant);
  table.require("id", id);
  table.require("crm", crm);
  table.require("url", url);
  table.read("client_id", client_id);
  table.read("client_secret", client_secret);
  table.read("refresh_token", refresh_token);
  table.read("api_token", api_token);
  table.read("settings", settings);
  wanted.set_tenant(tenant);
  wanted.set_id(id);
  wanted.set_crm(crm);
  wanted.set_url(url);
  wanted.set_client_id(client_id);
  wanted.set_client_secret(std::string(client_secret.reveal()));
  wanted.set_refresh_token(std::string(refresh_token.reveal()));
  wanted.set_api_token(std::string(api_token.reveal()));
  wanted.mutable_settings()->insert(settings.begin(), settings.end());
  read_version(table, [&](std::int64_t version) { wanted.set_expected_version(version); });
}

}  // namespace

Result<v1::ApplyRequest> read_apply_file(const config::Tree& tree) {
  v1::ApplyRequest request;
  for (auto& table : tree.root().tables("tenant")) read_tenant(table, *request.add_tenants());
  for (auto& table : tree.root().tables("source")) read_source(table, *request.add_sources());
  for (auto& table : tree.root().tables("connection")) read_connection(table, *request.add_connections());
  if (const auto finished = tree.finish(); !finished) return tl::unexpected(finished.error());
  if (request.tenants().empty() && request.sources().empty() && request.connections().empty())
    return fail(Cause::Malformed, "the file holds no [[tenant]], [[source]] or [[connection]]");
  return request;
}

}  // namespace aftercall::cli

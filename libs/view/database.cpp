#include "view/database.hpp"

#include <sqlite3.h>

#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace aftercall::view {
namespace {

// What the disk did, if it was the disk: to begin the file anew would not help.
std::optional<Failure> trouble_of(sqlite3* handle) {
  switch (sqlite3_errcode(handle) & 0xFF) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      break;
    default:
      return std::nullopt;
  }
  const std::filesystem::path file(sqlite3_db_filename(handle, "main"));
  return Failure{Cause::Unreachable, "the view " + file.string() +
                                         " cannot be used: " + sqlite3_errmsg(handle) + "; make room in " +
                                         file.parent_path().string() + ", or look after its disk"};
}

[[noreturn]] void give_up(sqlite3* handle, const char* doing) {
  if (auto trouble = trouble_of(handle)) throw DiskTrouble(std::move(*trouble));
  throw std::runtime_error(std::string("view: ") + doing + ": " + sqlite3_errmsg(handle));
}

bool execute(sqlite3* handle, std::string_view sql) {
  return sqlite3_exec(handle, std::string(sql).c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
}

// A view is written again from Kafka after a power cut, so no write waits for the disk. The log is copied
// back once in 16 MiB: a page that changes often, the last of an index, is copied the less.
constexpr std::string_view settings =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY; PRAGMA busy_timeout=2000;"
    "PRAGMA cache_size=-6000; PRAGMA wal_autocheckpoint=4000;";

bool sound(sqlite3* handle) {
  bool ok = false;
  const auto read = [](void* found, int, char** values, char**) {
    *static_cast<bool*>(found) = values[0] != nullptr && std::string_view(values[0]) == "ok";
    return 0;
  };
  return sqlite3_exec(handle, "PRAGMA quick_check(1);", read, &ok, nullptr) == SQLITE_OK && ok;
}

bool made_by(sqlite3* handle, std::string_view schema) {
  std::string found;
  const auto read = [](void* out, int, char** values, char**) {
    if (values[0] != nullptr) *static_cast<std::string*>(out) = values[0];
    return 0;
  };
  return sqlite3_exec(handle, "SELECT text FROM schema_text;", read, &found, nullptr) == SQLITE_OK &&
         found == schema;
}

bool create(sqlite3* handle, std::string_view schema) {
  if (!execute(handle, "CREATE TABLE schema_text(text TEXT NOT NULL);") || !execute(handle, schema))
    return false;
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(handle, "INSERT INTO schema_text VALUES(?1);", -1, &statement, nullptr);
  sqlite3_bind_text(statement, 1, schema.data(), static_cast<int>(schema.size()), SQLITE_STATIC);
  const bool done = sqlite3_step(statement) == SQLITE_DONE;
  sqlite3_finalize(statement);
  return done;
}

Result<sqlite3*> open_file(const std::string& name) {
  sqlite3* handle = nullptr;
  if (sqlite3_open(name.c_str(), &handle) == SQLITE_OK) return handle;
  const std::string why = handle == nullptr ? "out of memory" : sqlite3_errmsg(handle);
  sqlite3_close(handle);
  return fail(Cause::SetupIncomplete, "the view " + name + " cannot be opened: " + why);
}

bool usable(sqlite3* handle, std::string_view schema, bool is_new) {
  if (!execute(handle, settings)) return false;
  return is_new ? create(handle, schema) : sound(handle) && made_by(handle, schema);
}

void move_aside(const std::filesystem::path& path) {
  std::error_code ignored;  // what cannot be moved is deleted: it is a view
  std::filesystem::rename(path, path.string() + ".damaged", ignored);
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + end, ignored);
}

}  // namespace

class Statement::Shelf {
 public:
  Shelf() = default;
  ~Shelf() {
    for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  }
  Shelf(const Shelf&) = delete;
  Shelf& operator=(const Shelf&) = delete;

  sqlite3_stmt* take(sqlite3* database, std::string_view sql) {
    if (const auto found = statements_.find(sql); found != statements_.end())
      return statements_.extract(found).mapped();
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                           &statement, nullptr) != SQLITE_OK)
      give_up(database, "preparing a statement");
    return statement;
  }

  void put(sqlite3_stmt* statement) {
    if (!statements_.try_emplace(sqlite3_sql(statement), statement).second) sqlite3_finalize(statement);
  }

 private:
  std::map<std::string, sqlite3_stmt*, std::less<>> statements_;
};

Statement::Statement(sqlite3* database, sqlite3_stmt* statement, Shelf& shelf)
    : database_(database), statement_(statement), shelf_(shelf) {}

Statement::~Statement() {
  reset();
  shelf_.put(statement_);
}

Statement& Statement::bind(int index, std::string_view text) {
  sqlite3_bind_blob64(statement_, index, text.empty() ? "" : text.data(), text.size(), SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::bind(int index, std::int64_t number) {
  sqlite3_bind_int64(statement_, index, number);
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) give_up(database_, "running a statement");
  return false;
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

void Statement::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

std::string Statement::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return bytes == nullptr ? std::string() : std::string(bytes, size);
}

std::int64_t Statement::number(int column) const { return sqlite3_column_int64(statement_, column); }

Result<Database> Database::open(const std::filesystem::path& path, std::string_view schema) {
  const std::string name = path.empty() ? ":memory:" : path.string();
  for (const bool again : {false, true}) {
    const bool is_new = path.empty() || !std::filesystem::exists(path);
    const auto handle = open_file(name);
    if (!handle) return tl::unexpected(handle.error());
    Database database(*handle);
    if (usable(*handle, schema, is_new)) {
      database.begun_anew_ = is_new;
      return database;
    }
    if (const auto why = trouble_of(*handle)) return tl::unexpected(*why);
    if (again || path.empty()) return fail(Cause::SetupIncomplete, "the view " + name + " cannot be made");
    database = Database(nullptr);
    move_aside(path);
  }
  return fail(Cause::SetupIncomplete, "the view cannot be made");
}

Database::Database(sqlite3* handle) : handle_(handle), shelf_(std::make_unique<Statement::Shelf>()) {}

Database::Database(Database&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)),
      shelf_(std::move(other.shelf_)),
      begun_anew_(other.begun_anew_),
      gathering_(std::exchange(other.gathering_, false)) {}

Database& Database::operator=(Database&& other) noexcept {
  if (this == &other) return *this;
  close();
  handle_ = std::exchange(other.handle_, nullptr);
  shelf_ = std::move(other.shelf_);
  begun_anew_ = other.begun_anew_;
  gathering_ = std::exchange(other.gathering_, false);
  return *this;
}

Database::~Database() { close(); }

void Database::close() {
  if (gathering_) execute(handle_, "COMMIT;");
  shelf_.reset();  // SQLite closes nothing that has statements
  sqlite3_close(handle_);
}

void Database::run(std::string_view sql) {
  if (!execute(handle_, sql)) give_up(handle_, "running SQL");
}

std::unique_ptr<Statement> Database::prepare(std::string_view sql) const {
  return std::make_unique<Statement>(handle_, shelf_->take(handle_, sql), *shelf_);
}

void Database::gather(const std::function<void()>& work) {
  if (!gathering_) prepare("BEGIN IMMEDIATE")->run();
  gathering_ = true;
  try {
    work();
  } catch (const DiskTrouble&) {  // SQLite may have taken all of it back by itself
    gathering_ = false;
    execute(handle_, "ROLLBACK;");
    throw;
  }
}

void Database::settle() {
  if (std::exchange(gathering_, false)) commit();
}

void Database::transaction(const std::function<void()>& work) {
  settle();
  prepare("BEGIN IMMEDIATE")->run();
  try {
    work();
  } catch (...) {
    execute(handle_, "ROLLBACK;");
    throw;
  }
  commit();
}

// A full disk leaves the transaction open.
void Database::commit() {
  try {
    prepare("COMMIT")->run();
  } catch (...) {
    execute(handle_, "ROLLBACK;");
    throw;
  }
}

}  // namespace aftercall::view

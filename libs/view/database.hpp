#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/failure.hpp"

struct sqlite3;
struct sqlite3_stmt;

// SQLite, for views of topics: files that can be deleted at any time and are rebuilt from Kafka.
namespace aftercall::view {

// The disk is full, or broken: Unreachable, since it may pass, with the file and what to do. Thrown, for it
// can happen to every statement; whoever owns the view catches it where its work begins. Anything else that
// SQLite refuses is a bug, and a plain std::runtime_error.
class DiskTrouble : public std::runtime_error {
 public:
  explicit DiskTrouble(Failure failure) : std::runtime_error(failure.detail), failure_(std::move(failure)) {}
  const Failure& failure() const { return failure_; }

 private:
  Failure failure_;
};

// A prepared statement, bound and stepped.
class Statement {
 public:
  // Statements that are not in use, by their text.
  class Shelf;

  Statement(sqlite3* database, sqlite3_stmt* statement, Shelf& shelf);
  ~Statement();  // back on the shelf
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(int index, std::string_view text);  // indices count from 1; stored as a blob
  Statement& bind(int index, std::int64_t number);
  bool step();  // true: a row is there
  void run();   // to the end, then ready to be bound again
  void reset();

  std::string text(int column) const;
  std::int64_t number(int column) const;

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_;
  Shelf& shelf_;
};

class Database {
 public:
  // `schema` is SQL that creates the tables; its text is the view's version: a file that another schema made,
  // or that is damaged, is moved aside (FILE.damaged) and begun anew. An empty path is a database in memory.
  // Unreachable: the disk's trouble.
  static Result<Database> open(const std::filesystem::path& path, std::string_view schema);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  void run(std::string_view sql);
  // Compiled at its first use and kept for the next: a text should be a constant. A statement ends before its
  // database.
  std::unique_ptr<Statement> prepare(std::string_view sql) const;
  // Everything that `work` does, or nothing of it.
  void transaction(const std::function<void()>& work);
  // For what Kafka would tell again: seen at once through this database, and in the file after settle(), the
  // next transaction or the end. To write a page once for many rows costs a tenth of writing it for each.
  // After a DiskTrouble what was gathered is gone.
  void gather(const std::function<void()>& work);
  void settle();
  bool begun_anew() const { return begun_anew_; }

 private:
  explicit Database(sqlite3* handle);
  void close();
  void commit();
  sqlite3* handle_ = nullptr;
  std::unique_ptr<Statement::Shelf> shelf_;
  bool begun_anew_ = false;
  bool gathering_ = false;
};

}  // namespace aftercall::view

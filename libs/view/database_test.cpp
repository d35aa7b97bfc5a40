#include "view/database.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "view/checkpoints.hpp"
#include "view/test_full_disk.hpp"

namespace aftercall::view {
namespace {

constexpr std::string_view schema = "CREATE TABLE thing(name BLOB PRIMARY KEY, size INTEGER);";

class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest()
      : path_(std::filesystem::temp_directory_path() / ("aftercall-view-" + std::to_string(getpid()))) {
    clean();
  }
  ~DatabaseTest() override { clean(); }
  void clean() {
    for (const char* end : {"", "-wal", "-shm", ".damaged"}) std::filesystem::remove(path_.string() + end);
  }
  std::filesystem::path path_;
};

void add(Database& database, std::string_view name, std::int64_t size) {
  database.prepare("INSERT INTO thing VALUES(?1, ?2)")->bind(1, name).bind(2, size).run();
}

std::int64_t count(const Database& database) {
  const auto statement = database.prepare("SELECT count(*) FROM thing");
  statement->step();
  return statement->number(0);
}

TEST_F(DatabaseTest, IsThereAgainAfterClosing) {
  {
    auto database = Database::open(path_, schema);
    ASSERT_TRUE(database) << database.error().detail;
    EXPECT_TRUE(database->begun_anew());
    add(*database, std::string_view("a\0b", 3), 7);
  }
  const auto again = Database::open(path_, schema);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->begun_anew());
  const auto statement = again->prepare("SELECT name, size FROM thing");
  ASSERT_TRUE(statement->step());
  EXPECT_EQ(statement->text(0), std::string("a\0b", 3));
  EXPECT_EQ(statement->number(1), 7);
}

TEST_F(DatabaseTest, AStatementThatIsUsedAgainRemembersNothing) {
  auto database = Database::open({}, schema);
  add(*database, "a", 1);
  add(*database, "b", 2);
  constexpr std::string_view sql = "SELECT name FROM thing WHERE size>=?1 ORDER BY name";
  {
    const auto first = database->prepare(sql);
    first->bind(1, std::int64_t{1});
    ASSERT_TRUE(first->step());
    const auto second = database->prepare(sql);  // while the first is at work
    second->bind(1, std::int64_t{2});
    ASSERT_TRUE(second->step());
    EXPECT_EQ(second->text(0), "b");
    EXPECT_EQ(first->text(0), "a");
  }
  const auto unbound = database->prepare(sql);
  EXPECT_FALSE(unbound->step());  // compared with NULL, not with an earlier number
  const auto again = database->prepare(sql);
  again->bind(1, std::int64_t{1});
  ASSERT_TRUE(again->step());
  EXPECT_EQ(again->text(0), "a");
}

TEST_F(DatabaseTest, ADamagedFileIsMovedAsideAndBegunAnew) {
  {
    std::ofstream(path_)
        << "this is no database, and it is long enough to be looked at as one by SQLite itself......";
  }
  auto database = Database::open(path_, schema);
  ASSERT_TRUE(database) << database.error().detail;
  EXPECT_TRUE(database->begun_anew());
  add(*database, "a", 1);
  EXPECT_TRUE(std::filesystem::exists(path_.string() + ".damaged"));
}

TEST_F(DatabaseTest, AFullDiskIsNoReasonToBeginAnew) {
  {
    auto database = Database::open(path_, schema);
    add(*database, "a", 1);
  }
  {
    const FullDisk full;
    const auto refused = Database::open(path_, schema);
    ASSERT_FALSE(refused);
    EXPECT_EQ(kind_of(refused.error().cause), Kind::Transient);
    EXPECT_THAT(refused.error().detail, testing::HasSubstr("make room in " + path_.parent_path().string()));
    EXPECT_FALSE(std::filesystem::exists(path_.string() + ".damaged"));
  }
  const auto again = Database::open(path_, schema);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_FALSE(again->begun_anew());
  EXPECT_EQ(count(*again), 1);
}

TEST_F(DatabaseTest, WhatFindsNoRoomLeavesNothingAndMayBeTriedAgain) {
  auto database = Database::open(path_, schema);
  ASSERT_TRUE(database);
  const auto add_much = [&] { add(*database, std::string(1U << 20U, 'a'), 1); };
  database->run("PRAGMA max_page_count = 10;");
  for (int i = 0; i < 2; ++i) EXPECT_THROW(database->transaction(add_much), DiskTrouble);
  EXPECT_EQ(count(*database), 0);
  database->run("PRAGMA max_page_count = 1000;");
  database->transaction(add_much);
  EXPECT_EQ(count(*database), 1);
}

TEST_F(DatabaseTest, AFullDiskRefusesWhatIsWrittenAndTellsWhatThereIs) {
  auto database = Database::open(path_, schema);
  ASSERT_TRUE(database);
  database->transaction([&] { add(*database, "a", 1); });
  const auto add_one = [&] { add(*database, "b", 1); };
  {
    const FullDisk full;
    for (int i = 0; i < 3; ++i) EXPECT_THROW(database->transaction(add_one), DiskTrouble);
    database->gather(add_one);
    EXPECT_THROW(database->settle(), DiskTrouble);
    EXPECT_EQ(count(*database), 1);
  }
  database->transaction(add_one);
  EXPECT_EQ(count(*database), 2);
}

TEST_F(DatabaseTest, AnotherSchemaBeginsAnew) {
  { ASSERT_TRUE(Database::open(path_, schema)); }
  const auto other = Database::open(path_, "CREATE TABLE thing(name BLOB);");
  ASSERT_TRUE(other);
  EXPECT_TRUE(other->begun_anew());
}

TEST_F(DatabaseTest, ATransactionThatFailsLeavesNothing) {
  auto database = Database::open({}, schema);
  ASSERT_TRUE(database);
  EXPECT_THROW(database->transaction([&] {
    add(*database, "a", 1);
    throw std::runtime_error("no");
  }),
               std::runtime_error);
  EXPECT_EQ(count(*database), 0);
  database->transaction([&] { add(*database, "a", 1); });
  EXPECT_EQ(count(*database), 1);
}

TEST_F(DatabaseTest, WhatIsGatheredIsSeenAtOnceAndByOthersOnceItIsSettled) {
  auto database = Database::open(path_, schema);
  ASSERT_TRUE(database);
  const auto other = Database::open(path_, schema);
  database->gather([&] { add(*database, "a", 1); });
  database->gather([&] { add(*database, "b", 2); });
  EXPECT_EQ(count(*database), 2);
  EXPECT_EQ(count(*other), 0);
  database->settle();
  EXPECT_EQ(count(*other), 2);
  database->settle();  // nothing is open
}

TEST_F(DatabaseTest, ATransactionAndTheEndSettleWhatWasGathered) {
  {
    auto database = Database::open(path_, schema);
    ASSERT_TRUE(database);
    database->gather([&] { add(*database, "a", 1); });
    EXPECT_THROW(database->transaction([] { throw std::runtime_error("no"); }), std::runtime_error);
    database->gather([&] { add(*database, "b", 2); });
  }
  const auto again = Database::open(path_, schema);
  ASSERT_TRUE(again);
  EXPECT_EQ(count(*again), 2);
}

TEST_F(DatabaseTest, ACheckpointSaysWhereToGoOn) {
  auto database = Database::open({}, Checkpoints::schema);
  ASSERT_TRUE(database);
  Checkpoints checkpoints(*database);
  EXPECT_EQ(checkpoints.start("t", 3).offset, bus::beginning);
  EXPECT_FALSE(checkpoints.newest());
  checkpoints.advance("t", 3, 42, 1000);
  checkpoints.advance("t", 4, 7, 2000);
  EXPECT_EQ(checkpoints.start("t", 3).offset, 42);
  EXPECT_EQ(checkpoints.newest(), 2000);
  checkpoints.forget("t", 3);
  EXPECT_EQ(checkpoints.start("t", 3).offset, bus::beginning);
}

class CheckpointsTest : public testing::Test {
 protected:
  CheckpointsTest() {
    EXPECT_THAT(checkpoints_.astray_in({"here", {}}), testing::IsEmpty());
    checkpoints_.advance("t", 3, 42, 1000);
  }
  std::size_t astray(const std::string& cluster, std::int64_t first, std::int64_t next) {
    return checkpoints_.astray_in({cluster, {{"t", 3, first, next}, {"t", 4, 0, 9}}}).size();
  }
  Result<Database> database_ = Database::open({}, Checkpoints::schema);
  Checkpoints checkpoints_{*database_};
};

TEST_F(CheckpointsTest, APlaceBetweenBeginningAndEndIsBelieved) {
  EXPECT_EQ(astray("here", 0, 42), 0U);
  EXPECT_EQ(astray("here", 42, 100), 0U);
}

TEST_F(CheckpointsTest, BehindTheEndBeforeTheBeginningOrInAnotherClusterItIsNot) {
  EXPECT_EQ(astray("here", 0, 41), 1U);
  EXPECT_EQ(astray("here", 43, 100), 1U);
  EXPECT_EQ(astray("elsewhere", 0, 100), 1U);
}

TEST_F(CheckpointsTest, WhatIsReadThenBelongsToTheOtherCluster) {
  ASSERT_EQ(astray("elsewhere", 0, 100), 1U);
  checkpoints_.forget("t", 3);
  checkpoints_.advance("t", 3, 5, 1000);
  EXPECT_EQ(astray("elsewhere", 0, 100), 0U);
  EXPECT_EQ(astray("here", 0, 100), 1U);
}

}  // namespace
}  // namespace aftercall::view

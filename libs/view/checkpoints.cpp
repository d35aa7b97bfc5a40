#include "view/checkpoints.hpp"

namespace aftercall::view {

std::vector<bus::Extent> Checkpoints::astray_in(const bus::Ground& ground) {
  cluster_ = ground.cluster;
  std::vector<bus::Extent> astray;
  for (const auto& extent : ground.extents) {
    const auto statement =
        database_->prepare("SELECT next, cluster FROM checkpoint WHERE topic=?1 AND partition=?2");
    statement->bind(1, extent.topic).bind(2, std::int64_t{extent.partition});
    if (!statement->step()) continue;
    const auto next = statement->number(0);
    const bool reachable = next == bus::beginning || (next >= extent.first && next <= extent.next);
    if (!reachable || statement->text(1) != ground.cluster) astray.push_back(extent);
  }
  return astray;
}

bus::Start Checkpoints::start(const std::string& topic, int partition) const {
  const auto statement = database_->prepare("SELECT next FROM checkpoint WHERE topic=?1 AND partition=?2");
  statement->bind(1, topic).bind(2, std::int64_t{partition});
  if (!statement->step()) return {topic, partition, bus::beginning};
  return {topic, partition, statement->number(0)};
}

void Checkpoints::advance(const std::string& topic, int partition, std::int64_t next, std::int64_t now_ms) {
  const auto statement = database_->prepare("INSERT OR REPLACE INTO checkpoint VALUES(?1, ?2, ?3, ?4, ?5)");
  statement->bind(1, topic)
      .bind(2, std::int64_t{partition})
      .bind(3, next)
      .bind(4, now_ms)
      .bind(5, cluster_)
      .run();
}

void Checkpoints::forget(const std::string& topic, int partition) {
  const auto statement = database_->prepare("DELETE FROM checkpoint WHERE topic=?1 AND partition=?2");
  statement->bind(1, topic).bind(2, std::int64_t{partition}).run();
}

std::optional<std::int64_t> Checkpoints::read_at(const std::string& topic, int partition) const {
  const auto statement = database_->prepare("SELECT read_at FROM checkpoint WHERE topic=?1 AND partition=?2");
  statement->bind(1, topic).bind(2, std::int64_t{partition});
  if (!statement->step()) return std::nullopt;
  return statement->number(0);
}

std::optional<std::int64_t> Checkpoints::newest() const {
  const auto statement = database_->prepare("SELECT count(*), max(read_at) FROM checkpoint");
  if (!statement->step() || statement->number(0) == 0) return std::nullopt;
  return statement->number(1);
}

}  // namespace aftercall::view

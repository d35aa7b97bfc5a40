#include "telemetry/registry.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>

namespace aftercall::telemetry {
namespace {

constexpr std::size_t longest_label = 100;

// From half a millisecond, a pure step, to the 30 s that a step may be tried in place.
const prometheus::Histogram::BucketBoundaries seconds_buckets{
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};

// Values may come from outside: printable ASCII, and not long.
std::string label_value(std::string_view text) {
  std::string value(text.substr(0, longest_label));
  std::replace_if(
      value.begin(), value.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return value;
}

}  // namespace

Registry::Known Registry::bounded(Family& family, Labels labels) {
  Known known;
  for (const auto& [name, value] : labels) known.emplace(name, label_value(value));
  if (family.series.size() >= series_a_family && !family.series.contains(known))
    for (auto& [name, value] : known) value = "other";
  family.series.insert(known);
  return known;
}

void Registry::count(std::string_view name, std::string_view help, Labels labels, double by) {
  const std::lock_guard guard(lock_);
  auto& mine = family(name);
  if (mine.counters == nullptr)
    mine.counters =
        &prometheus::BuildCounter().Name(std::string(name)).Help(std::string(help)).Register(registry_);
  mine.counters->Add(bounded(mine, labels)).Increment(by);
}

void Registry::gauge(std::string_view name, std::string_view help, Labels labels, double value) {
  const std::lock_guard guard(lock_);
  auto& mine = family(name);
  if (mine.gauges == nullptr)
    mine.gauges =
        &prometheus::BuildGauge().Name(std::string(name)).Help(std::string(help)).Register(registry_);
  mine.gauges->Add(bounded(mine, labels)).Set(value);
}

void Registry::forget_gauge(std::string_view name, Labels labels) {
  const std::lock_guard guard(lock_);
  auto& mine = family(name);
  Known known;
  for (const auto& [label, value] : labels) known.emplace(label, label_value(value));
  if (mine.gauges == nullptr || mine.series.erase(known) == 0) return;
  mine.gauges->Remove(&mine.gauges->Add(known));
}

void Registry::observe(std::string_view name, std::string_view help, Labels labels, double seconds) {
  const std::lock_guard guard(lock_);
  auto& mine = family(name);
  if (mine.histograms == nullptr)
    mine.histograms =
        &prometheus::BuildHistogram().Name(std::string(name)).Help(std::string(help)).Register(registry_);
  mine.histograms->Add(bounded(mine, labels), seconds_buckets).Observe(seconds);
}

std::string Registry::text() const {
  const std::lock_guard guard(lock_);
  return prometheus::TextSerializer().Serialize(registry_.Collect());
}

}  // namespace aftercall::telemetry

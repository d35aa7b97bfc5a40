#pragma once
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "telemetry/metrics.hpp"

// Of telemetry/ alone: prometheus-cpp's registry with bounded labels.
namespace aftercall::telemetry {

class Registry {
 public:
  void count(std::string_view name, std::string_view help, Labels labels, double by);
  void gauge(std::string_view name, std::string_view help, Labels labels, double value);
  void forget_gauge(std::string_view name, Labels labels);
  void observe(std::string_view name, std::string_view help, Labels labels, double seconds);
  std::string text() const;

  // More than a stage has partitions, more than a connector has answers; far less than what hurts a scraper.
  static constexpr std::size_t series_a_family = 500;

 private:
  using Known = std::map<std::string, std::string>;
  struct Family {
    std::set<Known> series;
    prometheus::Family<prometheus::Counter>* counters = nullptr;
    prometheus::Family<prometheus::Gauge>* gauges = nullptr;
    prometheus::Family<prometheus::Histogram>* histograms = nullptr;
  };
  Family& family(std::string_view name) { return families_[std::string(name)]; }
  static Known bounded(Family& family, Labels labels);

  mutable std::mutex lock_;
  std::map<std::string, Family, std::less<>> families_;
  prometheus::Registry registry_{prometheus::Registry::InsertBehavior::Merge};
};

}  // namespace aftercall::telemetry

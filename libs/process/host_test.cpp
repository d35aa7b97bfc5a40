#include "process/host.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/client.hpp"
#include "http/test_wire.hpp"
#include "process/test_probe.hpp"
#include "telemetry/log.hpp"

namespace aftercall::process {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr bool with_port_file = true;
using Gate = std::shared_ptr<asio::steady_timer>;

Gate gate_of(const Host& host) {
  return std::make_shared<asio::steady_timer>(host.executor(), std::chrono::steady_clock::time_point::max());
}
// Ends when the gate opens, and says so.
asio::awaitable<void> until(Gate gate, std::string name) {
  boost::system::error_code opened;
  co_await gate->async_wait(asio::redirect_error(asio::use_awaitable, opened));
  log::info("gone." + name);
}
asio::awaitable<void> brief() { co_return; }
asio::awaitable<void> broken() {
  throw std::runtime_error("it broke");
  co_return;
}
asio::awaitable<void> deaf() {
  std::this_thread::sleep_for(1h);
  co_return;
}

struct Hangs {
  Hangs() = default;
  Hangs(const Hangs&) = delete;
  Hangs& operator=(const Hangs&) = delete;
  ~Hangs() { std::this_thread::sleep_for(1h); }
};
// As a step that a stage gave up: nobody awaits it.
asio::awaitable<void> hangs_when_destroyed(Gate gate) {
  const Hangs hangs;
  log::info("left.behind");
  co_await gate->async_wait(asio::use_awaitable);
}

void wait_for_stop(const ProbeConfig&, Host& host) {
  auto gate = gate_of(host);
  host.on_stop([gate] { gate->cancel(); });
  log::info("running");
  host.run(until(gate, "task"));
}

std::string ask(unsigned short port, const std::string& path) {
  auto wire = http::Wire::to(port);
  wire.write("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
  return wire.read_message();
}

TEST(Host, ASignalStopsWhatRunsInReverseOrderAndTheEndIsClean) {
  Probe probe([](const ProbeConfig&, Host& host) {
    auto first = gate_of(host);
    auto second = gate_of(host);
    host.on_stop([first] { first->cancel(); });
    host.on_stop([second] { second->cancel(); });
    log::info("running");
    host.run(until(first, "first"), until(second, "second"));
    log::info("returned");
  });
  ASSERT_TRUE(probe.said("running"));
  probe.signal(SIGTERM);
  EXPECT_EQ(probe.code(), ended);
  const auto output = probe.output();
  EXPECT_LT(output.find("why=SIGTERM"), output.find("gone.second"));
  EXPECT_LT(output.find("gone.second"), output.find("gone.first"));
  EXPECT_LT(output.find("gone.first"), output.find("returned"));
  EXPECT_LT(output.find("returned"), output.find("process.ended"));
}

TEST(Host, ATaskThatEndsByItselfStopsTheOthersAndIsAFailure) {
  Probe probe([](const ProbeConfig&, Host& host) {
    auto gate = gate_of(host);
    host.on_stop([gate] { gate->cancel(); });
    host.spawn("follower", brief());
    host.run(until(gate, "other"));
  });
  EXPECT_EQ(probe.code(), failed);
  EXPECT_THAT(probe.output(), AllOf(HasSubstr("why=\"task follower ended\""), HasSubstr("gone.other")));
}

TEST(Host, AStopThatIsWantedIsNoFailureAndOneThatIsNotIs) {
  Probe wanted([](const ProbeConfig&, Host& host) {
    host.stop("done");
    host.run(brief());
  });
  EXPECT_EQ(wanted.code(), ended);
  Probe unwanted([](const ProbeConfig&, Host& host) {
    host.fail({Cause::Unreachable, "Kafka is gone"});
    host.run(brief());
  });
  EXPECT_EQ(unwanted.code(), failed);
  EXPECT_THAT(unwanted.output(), HasSubstr("detail=\"Kafka is gone\""));
}

TEST(Host, ExceptionsAreLoggedAndEndTheProcessInOrder) {
  Probe task([](const ProbeConfig&, Host& host) {
    auto gate = gate_of(host);
    host.on_stop([gate] { gate->cancel(); });
    host.run(until(gate, "other"), broken());
  });
  EXPECT_EQ(task.code(), failed);
  EXPECT_THAT(task.output(), AllOf(HasSubstr("what=\"it broke\""), HasSubstr("gone.other")));
  Probe start([](const ProbeConfig&, Host&) { throw std::runtime_error("no start"); });
  EXPECT_EQ(start.code(), failed);
  EXPECT_THAT(start.output(), HasSubstr("what=\"no start\""));
}

TEST(Host, WhoDoesNotDrainIsNamedAndLeftBehind) {
  Probe probe(
      [](const ProbeConfig&, Host& host) {
        host.spawn("stubborn", until(gate_of(host), "never"));
        log::info("running");
        host.run();
      },
      "[process]\ndrain = \"100ms\"\n");
  ASSERT_TRUE(probe.said("running"));
  probe.signal(SIGTERM);
  EXPECT_EQ(probe.code(), not_drained);
  EXPECT_THAT(probe.output(), AllOf(HasSubstr("process.not_drained"), HasSubstr("tasks=stubborn"),
                                    HasSubstr("process.ended code=3"), Not(HasSubstr("process.stuck"))));
}

TEST(Host, AThreadThatHangsDoesNotHangTheEnd) {
  Probe probe(
      [](const ProbeConfig&, Host& host) {
        host.stop("now");
        host.run(deaf());
      },
      "[process]\ndrain = \"100ms\"\n");
  EXPECT_EQ(probe.code(), not_drained);
  EXPECT_THAT(probe.output(), HasSubstr("process.stuck"));
}

TEST(Host, WhatATaskLeftBehindIsNotWaitedForAtTheEnd) {
  Probe probe([](const ProbeConfig&, Host& host) {
    auto gate = gate_of(host);
    host.on_stop([gate] { gate->cancel(); });
    asio::co_spawn(host.executor(), hangs_when_destroyed(gate_of(host)), asio::detached);
    host.run(until(gate, "task"));
    log::info("returned");
  });
  ASSERT_TRUE(probe.said("left.behind"));
  probe.signal(SIGTERM);
  EXPECT_EQ(probe.code(), ended);
  EXPECT_THAT(probe.output(), AllOf(HasSubstr("returned"), HasSubstr("process.ended code=0"),
                                    Not(HasSubstr("process.stuck"))));
}

TEST(Host, WhoAsksTwiceIsHeardAtOnce) {
  Probe probe([](const ProbeConfig&, Host& host) {
    log::info("running");
    host.run(until(gate_of(host), "never"));
  });
  ASSERT_TRUE(probe.said("running"));
  probe.signal(SIGINT);
  ASSERT_TRUE(probe.said("why=SIGINT"));
  probe.signal(SIGINT);
  EXPECT_EQ(probe.code(), not_drained);
}

TEST(Host, TheHealthPortSaysHowWeAreUntilTheEnd) {
  Probe probe(
      [](const ProbeConfig&, Host& host) {
        auto gate = gate_of(host);
        auto stopped = std::make_shared<bool>(false);
        host.on_stop([stopped] { *stopped = true; });  // but the task goes on
        host.ready_when("kafka", [] { return std::optional<std::string>(); });
        host.ready_when("ledger", [] { return std::optional<std::string>("3 of 12 partitions restored"); });
        host.run(until(gate, "never"));
      },
      "", {}, with_port_file);
  const auto port = probe.port();
  EXPECT_THAT(ask(port, "/healthz"), AllOf(StartsWith("HTTP/1.1 200 "), testing::EndsWith("\r\n\r\nok\n")));
  EXPECT_THAT(ask(port, "/readyz"), AllOf(StartsWith("HTTP/1.1 503 "),
                                          HasSubstr("kafka: ok\nledger: 3 of 12 partitions restored\n")));
  EXPECT_THAT(ask(port, "/metrics"), HasSubstr("aftercall_build_info{"));
  EXPECT_THAT(ask(port, "/else"), StartsWith("HTTP/1.1 404 "));
  probe.signal(SIGTERM);
  ASSERT_TRUE(probe.said("process.stopping"));
  EXPECT_THAT(ask(port, "/readyz"), HasSubstr("process: stopping\n"));
  EXPECT_THAT(ask(port, "/healthz"), StartsWith("HTTP/1.1 200 "));
}

TEST(Host, ARemarkIsToldAndHoldsNobodyBack) {
  Probe probe(
      [](const ProbeConfig& config, Host& host) {
        host.remark("rows", [] { return std::optional<std::string>("2 of them cannot be read"); });
        host.remark("others", [] { return std::optional<std::string>(); });
        wait_for_stop(config, host);
      },
      "", {}, with_port_file);
  EXPECT_THAT(ask(probe.port(), "/readyz"),
              AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("\r\n\r\nrows: 2 of them cannot be read\n")));
  probe.signal(SIGTERM);
  EXPECT_EQ(probe.code(), ended);
}

TEST(Host, AllReadyIsReadyAndThePortFileGoesWithTheProcess) {
  Probe probe(wait_for_stop, "", {}, with_port_file);
  EXPECT_THAT(ask(probe.port(), "/readyz"), StartsWith("HTTP/1.1 200 "));
  probe.signal(SIGTERM);
  EXPECT_EQ(probe.code(), ended);
  EXPECT_FALSE(probe.port_file_exists());
}

TEST(Host, APortThatAServiceTellsIsInItsFileAsLongAsTheProcessLives) {
  const auto folder = std::filesystem::temp_directory_path() / ("told_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto file = (folder / "door.port").string();
  Probe probe([&](const ProbeConfig& config, Host& host) {
    host.tell_port(file, 8480);
    host.tell_port("", 1);
    wait_for_stop(config, host);
  });
  ASSERT_TRUE(probe.said("running"));
  std::string port;
  std::ifstream(file) >> port;
  EXPECT_EQ(port, "8480");
  probe.signal(SIGTERM);
  EXPECT_EQ(probe.code(), ended);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  std::filesystem::remove_all(folder);
}

TEST(Host, AHealthPortThatIsTakenIsNamed) {
  const http::Peer peer([](http::Wire&, int) {});
  Probe probe(wait_for_stop, "[health]\nport = " + std::to_string(peer.port()) + "\n");
  EXPECT_EQ(probe.code(), failed);
  EXPECT_THAT(probe.output(), HasSubstr("cannot listen on 127.0.0.1:" + std::to_string(peer.port())));
}

TEST(Run, EverythingWrongWithTheSettingsIsToldAndNothingStarts) {
  Probe probe(wait_for_stop, "numbr = 1\n[health]\nport = -1\n[log]\nformat = \"xml\"\n[kafka]\nx = 1\n");
  EXPECT_EQ(probe.code(), wrong_usage);
  EXPECT_THAT(probe.output(),
              AllOf(HasSubstr("probe.toml:1: unknown numbr; did you mean number?\n"),
                    HasSubstr("probe.toml:3: health.port"), HasSubstr("probe.toml:5: log.format"),
                    HasSubstr("probe.toml:6: unknown section [kafka]"), Not(HasSubstr("running"))));
}

TEST(Run, CheckConfigReadsAndDoesNoMore) {
  Probe right(wait_for_stop, "number = 1\n", {"--check-config"});
  EXPECT_EQ(right.code(), ended);
  EXPECT_THAT(right.output(), AllOf(HasSubstr("probe.toml: right"), Not(HasSubstr("running"))));
  Probe wrong(wait_for_stop, "number = true\n", {"--check-config"});
  EXPECT_EQ(wrong.code(), wrong_usage);
}

TEST(Run, OptionsAreExplainedAndUnknownOnesRefused) {
  Probe version(wait_for_stop, "", {"--version"});
  EXPECT_EQ(version.code(), ended);
  EXPECT_THAT(version.output(), StartsWith("aftercall-probe 0."));
  Probe help(wait_for_stop, "", {"--help"});
  EXPECT_EQ(help.code(), ended);
  EXPECT_THAT(help.output(), HasSubstr("--check-config"));
  Probe unknown(wait_for_stop, "", {"--frobnicate"});
  EXPECT_EQ(unknown.code(), wrong_usage);
  EXPECT_THAT(unknown.output(), HasSubstr("unknown option --frobnicate"));
  Probe dry(wait_for_stop, "", {"--effects=none"});
  EXPECT_EQ(dry.code(), failed);
  EXPECT_THAT(dry.output(), HasSubstr("probe knows no dry run"));
}

TEST(Run, LinesAreJsonWhenTheSettingsSaySo) {
  Probe probe(wait_for_stop, "[log]\nformat = \"json\"\n");
  ASSERT_TRUE(probe.said("running"));
  probe.signal(SIGTERM);
  EXPECT_EQ(probe.code(), ended);
  EXPECT_THAT(probe.output(), HasSubstr(R"("service":"probe","event":"process.ended","code":0})"));
}

}  // namespace
}  // namespace aftercall::process

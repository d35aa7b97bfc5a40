#pragma once
#include <memory>
#include <string>

#include <gmock/gmock.h>

#include "crm_stand.hpp"
#include "sandbox_process.hpp"

namespace aftercall::crm {
inline void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
}  // namespace aftercall::crm

namespace aftercall::test {

// A connector as it is tried: before its CRM, and once more where the vendor may be otherwise.
struct Tried {
  std::string_view crm;
  const crm::Entry* entry;
  bool otherwise = false;
};
inline void PrintTo(const Tried& tried, std::ostream* out) {
  *out << tried.crm << (tried.otherwise ? ", otherwise" : "");
}
inline std::vector<Tried> ways_to_try(std::string_view crm, const crm::Entry* entry) {
  const auto* const world = world_of(crm);
  if (world == nullptr || !world->otherwise) return {{crm, entry}};
  return {{crm, entry}, {crm, entry, true}};
}
inline std::vector<Tried> every_crm() {
  std::vector<Tried> found;
  for (const auto& row : crm::catalog())
    for (const auto& way : ways_to_try(row.name, row.entry)) found.push_back(way);
  return found;
}
inline std::string tried_as(const testing::TestParamInfo<Tried>& info) {
  return std::string(info.param.crm) + (info.param.otherwise ? "_otherwise" : "");
}

inline void PrintTo(const SeenNote& note, std::ostream* out) {
  *out << note.id << " on " << note.target << ": " << note.title << " | " << note.html;
}

// One sandbox for all tests of a suite, its world fresh for each test.
class CrmSuite : public testing::TestWithParam<Tried> {
 protected:
  void SetUp() override {
    const auto* const world = world_of(GetParam().crm);
    ASSERT_NE(world, nullptr) << "a connector needs a world in crm_world.cpp";
    auto& sandbox = sandboxes_[world->file];
    if (!sandbox)
      sandbox = std::make_unique<SandboxProcess>(std::vector<std::string>{"--world", world->file});
    stand_ = std::make_unique<Stand>(*GetParam().entry, *world, sandbox->address());
    begin_anew();
  }
  static void TearDownTestSuite() { sandboxes_.clear(); }

  // The world of the start, whatever the test did to it.
  void begin_anew() {
    stand_->control("POST", "reset");
    if (GetParam().otherwise) order(*world().otherwise);
  }
  Stand& stand() { return *stand_; }
  const Capabilities& can() { return stand_->world().can; }
  void order(const Order& wanted) { stand_->control("POST", wanted.path, wanted.body); }
  const World& world() { return stand_->world(); }

 private:
  static inline std::map<std::string, std::unique_ptr<SandboxProcess>> sandboxes_;
  std::unique_ptr<Stand> stand_;
};

inline std::string name_of(const testing::TestParamInfo<crm::Row>& info) {
  return std::string(info.param.name);
}

inline constexpr const char* key_1 = "55555555-0000-5000-8000-000000000001";
inline constexpr const char* key_2 = "55555555-0000-5000-8000-000000000002";
inline constexpr const char* key_3 = "55555555-0000-5000-8000-000000000003";

inline crm::Put note_on(const CrmRecord& target, std::string key, std::string html = "<p>Hello</p>") {
  crm::Put put;
  put.key = std::move(key);
  put.target = target;
  put.content = {"Q1 review", std::move(html), "https://aftercall.example/s/1"};
  return put;
}

// A person whose e-mail is known to nobody.
inline crm::Put eva() {
  crm::Put put;
  put.kind = ArtifactKind::Contact;
  put.key = key_1;
  put.person = {"Eva Lind", "eva.lind@fabrikam.example", "+46701112233"};
  return put;
}

inline crm::Put update_of(const std::string& id, std::string html) {
  crm::Put put;
  put.mode = crm::Mode::Update;
  put.key = key_1;
  put.id = id;
  put.content = {"Q1 review, edited", std::move(html), ""};
  return put;
}

}  // namespace aftercall::test

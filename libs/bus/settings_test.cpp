#include "bus/settings.hpp"

#include <gmock/gmock.h>

namespace aftercall::bus {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(Settings, PassSecurityPropertiesThrough) {
  Settings settings{.client_id = "matcher-1"};
  settings.security["security.protocol"] = Secret("SASL_SSL");
  settings.security["sasl.password"] = Secret("hunter2");
  EXPECT_THAT(check(settings), IsEmpty());
}

TEST(Settings, RefuseWhatIsNoSecurityPropertyAndSaysAllAtOnce) {
  Settings settings{.bootstrap = ""};
  settings.security["acks"] = Secret("0");
  settings.security["ssl.ca.location"] = Secret();
  EXPECT_THAT(check(settings), ElementsAre(HasSubstr("bootstrap"), HasSubstr("client_id"), HasSubstr("acks"),
                                           HasSubstr("ssl.ca.location")));
}

TEST(Settings, RefuseWhatRunsCommandsLoadsLibrariesOrSwitchesChecksOff) {
  for (const char* name : {"sasl.kerberos.kinit.cmd", "ssl.engine.location", "ssl.providers",
                           "enable.ssl.certificate.verification", "ssl.endpoint.identification.algorithm",
                           "plugin.library.paths"}) {
    Settings settings{.client_id = "matcher-1"};
    settings.security[name] = Secret("x");
    EXPECT_THAT(check(settings), ElementsAre(HasSubstr(name))) << name;
  }
}

TEST(Settings, NeverRepeatAValue) {
  Settings settings{.client_id = "matcher-1"};
  settings.security["sasl.pasword"] = Secret("hunter2");
  EXPECT_THAT(check(settings), ElementsAre(Not(HasSubstr("hunter2"))));
}

}  // namespace
}  // namespace aftercall::bus

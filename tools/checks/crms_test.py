"""A CRM's name in product code is refused outside its folder, and nowhere else."""

import unittest

from checks.crms import names_of, problems_of

NAMES = names_of(["libs/crm/connectors/pipedrive/request.cpp", "libs/crm/connectors/dynamics365/answer.hpp"])


class Crms(unittest.TestCase):
    def named(self, name, text):
        return [crm for _, crm in problems_of(name, text, NAMES)]

    def test_code_that_asks_which_crm_it_talks_to(self):
        for text, crm in {'if (connection.crm == "pipedrive") return one();': "pipedrive",
                          "const bool keyed = crm != Crm::Dynamics365;": "Dynamics365",
                          '#include "crm/connectors/dynamics365/request.hpp"': "dynamics365",
                          'const auto host = "https://api.pipedrive.com/v1";': "pipedrive",
                          "int dataverse_limit = 52;  // a user's": "dataverse"}.items():
            for name in ("libs/stage/work.cpp", "services/matcher/match.hpp", "libs/crm/catalog.cpp"):
                self.assertEqual(self.named(name, f"\n{text}\n"), [crm], text)
        self.assertEqual(self.named("libs/crm/CMakeLists.txt", "target_link_libraries(crm crm_pipedrive)"), ["pipedrive"])

    def test_where_a_name_may_stand(self):
        line = 'if (crm == "pipedrive") {}'
        for name in ("libs/crm/connectors/pipedrive/request.cpp", "libs/wire/envelope_test.cpp", "services/crm_writer/plans_for_tests.hpp",
                     "services/control/test_world.hpp", "services/ingest/golden/answer.in", "tests/contract/crm_world.cpp", "deploy/stack/demo.py"):
            self.assertEqual(self.named(name, line), [], name)
        self.assertEqual(self.named("libs/stage/bounds.hpp", "int slots = 32;  // Dynamics refuses more than 52"), [])
        self.assertEqual(self.named("libs/crm/CMakeLists.txt", "# pipedrive's folder\nadd_library(crm)"), [])


if __name__ == "__main__":
    unittest.main()

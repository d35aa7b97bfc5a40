# The bus: one suite, run against memory and against a real Kafka.
add_executable(bus_contract_test bus_contract_test.cpp bus_reader_contract_test.cpp bus_outage_contract_test.cpp
                                 bus_world.cpp)
target_link_libraries(bus_contract_test PRIVATE bus aftercall_warnings GTest::gmock_main)
target_compile_definitions(bus_contract_test PRIVATE PROJECT_DIR="${PROJECT_SOURCE_DIR}")
add_test(NAME contract.bus.memory COMMAND bus_contract_test --gtest_filter=Memory/*)
add_test(NAME contract.bus.kafka COMMAND bus_contract_test --gtest_filter=Kafka/*)
set_tests_properties(contract.bus.memory contract.bus.kafka PROPERTIES LABELS contract TIMEOUT 120)
aftercall_needs_kafka(contract.bus.kafka)

# The bus: one suite, run against memory and against a real Kafka.
add_executable(bus_contract_test bus_contract_test.cpp bus_reader_contract_test.cpp bus_outage_contract_test.cpp
                                 bus_world.cpp)
target_link_libraries(bus_contract_test PRIVATE bus aftercall_warnings GTest::gmock_main)
target_compile_definitions(bus_contract_test PRIVATE PROJECT_DIR="${PROJECT_SOURCE_DIR}")
add_test(NAME contract.bus.memory COMMAND bus_contract_test --gtest_filter=Memory/*)
add_test(NAME contract.bus.kafka COMMAND bus_contract_test --gtest_filter=Kafka/*)
set_tests_properties(contract.bus.memory contract.bus.kafka PROPERTIES LABELS contract TIMEOUT 120)
# Two thirds of its time a broker of its own is started, stopped and started again: some 70 s on a quiet machine, and
# twice that on a busy one.
set_tests_properties(contract.bus.kafka PROPERTIES TIMEOUT 240)
aftercall_needs_kafka(contract.bus.kafka)

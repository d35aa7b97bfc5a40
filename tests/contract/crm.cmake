# The connectors before the sandbox. Every connector folder is picked up by itself.
file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/crm_*_test.cpp)
add_executable(crm_contract_test ${tests} crm_stand.cpp crm_strict.cpp crm_world.cpp sandbox_process.cpp)
target_include_directories(crm_contract_test PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(crm_contract_test PRIVATE crm nlohmann_json::nlohmann_json OpenSSL::Crypto aftercall_warnings
                                                GTest::gmock_main)
target_compile_definitions(crm_contract_test PRIVATE SOURCE_DIR="${CMAKE_CURRENT_SOURCE_DIR}" PROJECT_DIR="${PROJECT_SOURCE_DIR}")
add_test(NAME contract.crm COMMAND crm_contract_test)
set_tests_properties(contract.crm PROPERTIES LABELS contract TIMEOUT 300)

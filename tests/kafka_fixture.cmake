# A real Kafka for the tests that name it: started once before the first of them, on free ports, in the build tree;
# stopped after the last. Tests share it, so each makes topics and groups of its own; one that needs to break a broker
# starts its own (deploy/kafka/kafka).
#   aftercall_needs_kafka(TEST): the file $AFTERCALL_KAFKA_BOOTSTRAP_FILE then holds its address.
set(AFTERCALL_KAFKA_DIR ${PROJECT_BINARY_DIR}/kafka)
add_test(NAME fixture.kafka.start
         COMMAND ${PROJECT_SOURCE_DIR}/deploy/kafka/kafka start --fresh --dir ${AFTERCALL_KAFKA_DIR} --port 0 --controller-port 0)
add_test(NAME fixture.kafka.stop COMMAND ${PROJECT_SOURCE_DIR}/deploy/kafka/kafka stop --dir ${AFTERCALL_KAFKA_DIR})
set_tests_properties(fixture.kafka.start PROPERTIES FIXTURES_SETUP kafka TIMEOUT 400)
set_tests_properties(fixture.kafka.stop PROPERTIES FIXTURES_CLEANUP kafka TIMEOUT 60)

function(aftercall_needs_kafka test)
  set_property(TEST ${test} APPEND PROPERTY FIXTURES_REQUIRED kafka)
  set_property(TEST ${test} APPEND PROPERTY ENVIRONMENT AFTERCALL_KAFKA_BOOTSTRAP_FILE=${AFTERCALL_KAFKA_DIR}/bootstrap)
endfunction()

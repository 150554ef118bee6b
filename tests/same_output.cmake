# cmake -D HEADERS=program -D COMPILED=program -P same_output.cmake: two programs print the same, and something.
execute_process(COMMAND ${HEADERS} OUTPUT_VARIABLE headers COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${COMPILED} OUTPUT_VARIABLE compiled COMMAND_ERROR_IS_FATAL ANY)
string(LENGTH "${headers}" length)
if(NOT headers STREQUAL compiled OR length LESS 1000)
  message(FATAL_ERROR "the two forms of the library differ:\n${headers}\n${compiled}")
endif()

# tweedie::compiled: the headers with their cold functions compiled once. Where there is no Python to make it
# from the headers, it is the headers.
find_package(Python3 COMPONENTS Interpreter)
if(NOT Python3_Interpreter_FOUND)
  add_library(tweedie::compiled ALIAS tweedie)
  return()
endif()

set(form ${PROJECT_BINARY_DIR}/compiled)
file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/tweedie/*.hpp)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${headers}
  ${PROJECT_SOURCE_DIR}/cmake/compiled_form.py ${PROJECT_SOURCE_DIR}/cmake/compiled_templates.hpp)
execute_process(COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/cmake/compiled_form.py ${form}
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)

add_library(tweedie_compiled STATIC EXCLUDE_FROM_ALL ${form}/tweedie.cpp)
add_library(tweedie::compiled ALIAS tweedie_compiled)
set_target_properties(tweedie_compiled PROPERTIES EXPORT_NAME compiled OUTPUT_NAME tweedie)
target_include_directories(tweedie_compiled
  PUBLIC $<BUILD_INTERFACE:${form}/include> $<INSTALL_INTERFACE:include/tweedie-compiled>)
target_include_directories(tweedie_compiled BEFORE PRIVATE ${form}/library)
target_compile_features(tweedie_compiled PUBLIC cxx_std_20)
target_link_libraries(tweedie_compiled PUBLIC Eigen3::Eigen)

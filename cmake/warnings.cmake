# For the project's own programs; nothing of it reaches a consumer of the library.
add_library(tweedie_warnings INTERFACE)
target_compile_options(tweedie_warnings INTERFACE
  $<$<CXX_COMPILER_ID:GNU,Clang,AppleClang>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror>)

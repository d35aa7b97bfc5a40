# How everything of ours is compiled. "Dev" is the everyday build: fast to compile, quick enough to run a pipeline.
set(AFTERCALL_SANITIZE "" CACHE STRING "value for -fsanitize=, empty for none")
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1")

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(aftercall_warnings INTERFACE)
target_compile_options(aftercall_warnings INTERFACE -Wall -Wextra -Wshadow -Wconversion -Werror)
# GCC 12 compares the inlined operator new of asio's coroutine frames with their operator delete and finds a mismatch
# that is not there, in any longer coroutine.
target_compile_options(aftercall_warnings INTERFACE -Wno-mismatched-new-delete)

if(AFTERCALL_SANITIZE)
  add_compile_options(-fsanitize=${AFTERCALL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${AFTERCALL_SANITIZE})
endif()
if(AFTERCALL_SANITIZE STREQUAL "thread")
  add_compile_options(-Wno-tsan)  # asio uses fences, which GCC's ThreadSanitizer does not model
endif()
# A process loads only the shared libraries that it calls: a formatter does not carry gRPC for the sake of a library
# that could lease tokens.
add_link_options(-Wl,--as-needed)

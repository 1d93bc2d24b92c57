# SPDX-License-Identifier: Apache-2.0
# How Berth's own code is compiled: warnings, sanitizers and coverage live in one interface target, and nothing
# global is touched.
add_library(berth_settings INTERFACE)
target_compile_features(berth_settings INTERFACE cxx_std_20)
target_compile_options(berth_settings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
    -Woverloaded-virtual -Wnull-dereference -Wformat=2)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # In optimised builds g++ 12 sees overlapping copies and null dereferences inside its own std::string (GCC 105651, 105329).
    target_compile_options(berth_settings INTERFACE -Wno-restrict $<$<NOT:$<CONFIG:Debug>>:-Wno-null-dereference>)
endif()
if(BERTH_WERROR)
    target_compile_options(berth_settings INTERFACE -Werror)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
    # Line tables are enough for a stack trace, and compile and link faster than full debug information.
    target_compile_options(berth_settings INTERFACE -g1)
endif()
if(BERTH_SANITIZE)
    target_compile_options(berth_settings INTERFACE -fsanitize=${BERTH_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(berth_settings INTERFACE -fsanitize=${BERTH_SANITIZE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # g++ 12 reports null dereferences that only its own sanitizer checks could take (GCC 105651 and kin).
        target_compile_options(berth_settings INTERFACE -Wno-null-dereference -Wno-maybe-uninitialized)
    endif()
endif()
if(BERTH_COVERAGE)
    target_compile_options(berth_settings INTERFACE --coverage -fprofile-update=atomic)
    target_link_options(berth_settings INTERFACE --coverage)
endif()

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    find_program(BERTH_CCACHE ccache)
    if(BERTH_CCACHE)
        set(CMAKE_CXX_COMPILER_LAUNCHER "${BERTH_CCACHE}")
    endif()
endif()

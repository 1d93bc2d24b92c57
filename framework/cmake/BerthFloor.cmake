# SPDX-License-Identifier: Apache-2.0

# Everything that `cmake --install` puts somewhere, and nothing else (no tests).
add_custom_target(berth_installed)

# berth_floor(NAME HEADERS … SOURCES … [USES floors…] [NEEDS targets…] [OPENS targets…])
#
# One target a floor, `berth::NAME`, from the files beside the calling CMakeLists.txt. HEADERS are public and installed.
# USES names the floors below (the arrows of the architecture). NEEDS are third-party targets linked privately; OPENS
# are linked publicly (GoogleTest in the gtest floor: its users need it too).
function(berth_floor name)
    cmake_parse_arguments(PARSE_ARGV 1 F "" "" "HEADERS;SOURCES;USES;NEEDS;OPENS")
    add_library(berth_${name} STATIC ${F_SOURCES})
    add_library(berth::${name} ALIAS berth_${name})
    set_target_properties(berth_${name} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
    target_compile_features(berth_${name} PUBLIC cxx_std_20)
    target_sources(berth_${name} PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/framework" FILES ${F_HEADERS})
    target_include_directories(berth_${name} PRIVATE "${PROJECT_SOURCE_DIR}/framework")
    list(TRANSFORM F_USES PREPEND berth::)
    # Libraries of headers alone are compiled in: the installed package does not need them.
    list(TRANSFORM F_NEEDS REPLACE "^(nlohmann_json::nlohmann_json|CLI11::CLI11)$" "$<BUILD_INTERFACE:\\1>")
    target_link_libraries(berth_${name}
        PUBLIC ${F_USES} ${F_OPENS} Threads::Threads
        PRIVATE $<BUILD_INTERFACE:berth_settings> ${F_NEEDS})
    set_property(GLOBAL APPEND PROPERTY BERTH_FLOORS ${name})
    # The command is installed as a program, not to be linked. The hooks for GoogleTest are an export of their own, so that
    # who does not ask for them needs no GoogleTest.
    set(export berth)
    if(name STREQUAL "gtest")
        set(export berth-gtest)
    endif()
    if(NOT name STREQUAL "cli")
        install(TARGETS berth_${name} EXPORT ${export} FILE_SET HEADERS
            ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
        add_dependencies(berth_installed berth_${name})
    endif()
endfunction()

# berth_tests(NAME SOURCES … USES floors… [NEEDS targets…] [LABEL unit|engine|contract|bench|package] [WHOLE] [TIMEOUT seconds])
#
# A GoogleTest program `berth_NAME_tests`. Each test is a ctest entry of its own unless WHOLE: then the program is one
# entry (a program that brings up one environment for all of its tests).
function(berth_tests name)
    cmake_parse_arguments(PARSE_ARGV 1 T "WHOLE" "LABEL;TIMEOUT" "SOURCES;USES;NEEDS")
    if(NOT T_LABEL)
        set(T_LABEL unit)
    endif()
    if(NOT T_TIMEOUT)
        set(T_TIMEOUT 120)
    endif()
    set(properties LABELS ${T_LABEL} TIMEOUT ${T_TIMEOUT})
    if(T_LABEL MATCHES "^(engine|contract)$")
        # Tests count what is on the engine before and after; two at once would count each other's.
        list(APPEND properties RESOURCE_LOCK engine)
    endif()
    add_executable(berth_${name}_tests ${T_SOURCES})
    list(TRANSFORM T_USES PREPEND berth::)
    target_include_directories(berth_${name}_tests PRIVATE "${PROJECT_SOURCE_DIR}")
    target_link_libraries(berth_${name}_tests PRIVATE berth_settings ${T_USES} ${T_NEEDS} GTest::gmock GTest::gtest_main)
    # GoogleTest 1.12's macros make a null check that g++ 12 takes for a dereference in optimised builds.
    target_compile_options(berth_${name}_tests PRIVATE -Wno-null-dereference)
    if(T_WHOLE)
        add_test(NAME ${name} COMMAND berth_${name}_tests)
        set_tests_properties(${name} PROPERTIES ${properties})
    else()
        include(GoogleTest)
        gtest_discover_tests(berth_${name}_tests DISCOVERY_MODE PRE_TEST TEST_PREFIX "${name}."
            PROPERTIES ${properties})
    endif()
endfunction()

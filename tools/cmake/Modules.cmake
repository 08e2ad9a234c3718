# One static library a folder of src/, its sources listed, so that the linker sees the same layers as the reader.
#   meetpoint_module(NAME SOURCES … [TESTS …] [PUBLIC …] [PRIVATE …])
# NAME_test is a test program of the *_test.cc files that stand beside the code.
include(GoogleTest)

function(meetpoint_module name)
    cmake_parse_arguments(M "" "" "SOURCES;TESTS;PUBLIC;PRIVATE" ${ARGN})
    add_library(meetpoint_${name} STATIC ${M_SOURCES})
    target_include_directories(meetpoint_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(meetpoint_${name} PUBLIC ${M_PUBLIC} PRIVATE ${M_PRIVATE})
    target_precompile_headers(meetpoint_${name} PRIVATE ${CMAKE_SOURCE_DIR}/src/base/precompiled.h)
    if(M_TESTS AND MEETPOINT_TESTS)
        meetpoint_test(${name}_test SOURCES ${M_TESTS} LINK meetpoint_${name})
    endif()
endfunction()

# meetpoint_test(NAME SOURCES … LINK … [DEFINE …]): a GoogleTest program, one ctest entry a test case.
function(meetpoint_test name)
    cmake_parse_arguments(T "" "" "SOURCES;LINK;DEFINE" ${ARGN})
    add_executable(${name} ${T_SOURCES})
    target_link_libraries(${name} PRIVATE ${T_LINK} GTest::gmock GTest::gtest_main rapidcheck)
    target_compile_definitions(${name} PRIVATE MEETPOINT_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
        MEETPOINT_BUILD_DIR="${CMAKE_BINARY_DIR}" ${T_DEFINE})
    target_precompile_headers(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src/base/precompiled.h <gtest/gtest.h>)
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300 LABELS ${name})
endfunction()

if(MEETPOINT_TESTS)
    find_package(GTest REQUIRED)
    find_library(RAPIDCHECK_LIBRARY rapidcheck REQUIRED)
    add_library(rapidcheck INTERFACE)
    target_link_libraries(rapidcheck INTERFACE ${RAPIDCHECK_LIBRARY})
endif()

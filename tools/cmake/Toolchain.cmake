# Language level, warnings, build types, and the tools that make a rebuild quick (ccache, mold).
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

# Dev: -O1 keeps the generated-data tests quick and still compiles fast; assertions stay on.
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1" CACHE STRING "" FORCE)
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -g1 -DNDEBUG" CACHE STRING "" FORCE)

add_compile_options(-Wall -Wextra -Wpedantic -Werror=return-type -Werror=unused-result -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fcoroutines)
endif()

find_program(CCACHE ccache)
if(CCACHE)
    # Precompiled headers need these allowances; without them ccache would never hit. Paths below the base folder count as
    # relative, so that a second clone finds what the first has compiled.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        add_compile_options(-fpch-preprocess)
    endif()
endif()

find_program(MOLD mold)
if(MOLD)
    add_link_options(-fuse-ld=mold)
endif()

set(MEETPOINT_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, comma separated")
option(MEETPOINT_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
if(MEETPOINT_SANITIZE)
    add_compile_options(-fsanitize=${MEETPOINT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${MEETPOINT_SANITIZE})
endif()
if(MEETPOINT_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

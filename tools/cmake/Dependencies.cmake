# Every library the product links, all from Debian 12. tools/packages lists the packages.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(simdjson REQUIRED)
find_package(FlatBuffers REQUIRED CONFIG)
find_package(tl-expected REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(prometheus-cpp REQUIRED CONFIG)
find_package(SQLite3 REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Protobuf REQUIRED)
pkg_check_modules(DEFLATE REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
find_library(CCTZ_LIBRARY cctz REQUIRED)
find_program(FLATC flatc REQUIRED)

# libphonenumber: Debian's -dev package wants Boost 1.74's headers, which cannot stand beside 1.81's. The library itself
# needs neither, so its headers are unpacked from the -dev package into build/deps (docs/decisions/0001).
find_path(PHONENUMBER_INCLUDE phonenumbers/phonenumberutil.h
    HINTS ${CMAKE_SOURCE_DIR}/build/deps/libphonenumber/usr/include REQUIRED)
find_library(PHONENUMBER_LIBRARY NAMES phonenumber libphonenumber.so.8 REQUIRED)
add_library(phonenumber INTERFACE)
target_include_directories(phonenumber SYSTEM INTERFACE ${PHONENUMBER_INCLUDE})
target_compile_definitions(phonenumber INTERFACE I18N_PHONENUMBERS_USE_STDMUTEX)
target_link_libraries(phonenumber INTERFACE ${PHONENUMBER_LIBRARY} protobuf::libprotobuf)

add_compile_definitions(BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
    BOOST_ERROR_CODE_HEADER_ONLY)

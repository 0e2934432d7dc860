# Flags that every target of this project is built with.
add_library(agentaudit_flags INTERFACE)
target_compile_features(agentaudit_flags INTERFACE cxx_std_20)
target_compile_options(agentaudit_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
  -fno-omit-frame-pointer)
# GCC 12 warns of impossible overlaps in std::string::operator+ (GCC bug 105329).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(agentaudit_flags INTERFACE -Wno-restrict)
endif()
if(AGENTAUDIT_WERROR)
  target_compile_options(agentaudit_flags INTERFACE -Werror)
endif()
if(AGENTAUDIT_SANITIZE)
  # GCC takes what the sanitizers put into <regex> for uses before a first value (GCC bug
  # 105562).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(agentaudit_flags INTERFACE -Wno-maybe-uninitialized)
  endif()
  target_compile_options(agentaudit_flags INTERFACE -fsanitize=${AGENTAUDIT_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(agentaudit_flags INTERFACE -fsanitize=${AGENTAUDIT_SANITIZE})
endif()

# agentaudit_module(NAME SOURCES … [LINK …]): one folder of src/ as one target. LINK
# names the folders on lower floors, and outside libraries, that it may use.
function(agentaudit_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  add_library(agentaudit_${name} OBJECT ${arg_SOURCES})
  set_target_properties(agentaudit_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_include_directories(agentaudit_${name} PUBLIC
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>")
  target_link_libraries(agentaudit_${name} PUBLIC $<BUILD_INTERFACE:agentaudit_flags> ${arg_LINK})
endfunction()

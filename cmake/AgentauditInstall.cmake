# cmake --install: the library with its headers and CMake package, the command with
# its man page and completions, the documents.
include(CMakePackageConfigHelpers)

# As a header set, CMake also checks that each compiles on its own (target
# all_verify_interface_header_sets).
file(GLOB_RECURSE agentaudit_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/*.h")
target_sources(agentaudit PUBLIC
  FILE_SET HEADERS
  BASE_DIRS "${PROJECT_SOURCE_DIR}/include"
  FILES ${agentaudit_headers})
set_target_properties(agentaudit PROPERTIES
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
  VERIFY_INTERFACE_HEADER_SETS ON)

install(TARGETS agentaudit EXPORT agentaudit-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(agentaudit_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/agentaudit")
install(EXPORT agentaudit-targets NAMESPACE agentaudit:: DESTINATION "${agentaudit_package_dir}")
configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/agentaudit-config.cmake.in"
  "${PROJECT_BINARY_DIR}/agentaudit-config.cmake"
  INSTALL_DESTINATION "${agentaudit_package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/agentaudit-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/agentaudit-config.cmake"
  "${PROJECT_BINARY_DIR}/agentaudit-config-version.cmake"
  DESTINATION "${agentaudit_package_dir}")

install(FILES
  "${PROJECT_SOURCE_DIR}/LICENSE"
  "${PROJECT_SOURCE_DIR}/README.md"
  "${PROJECT_SOURCE_DIR}/CHANGELOG.md"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}")

if(TARGET agentaudit_cli)
  if(BUILD_SHARED_LIBS)
    set_target_properties(agentaudit_cli PROPERTIES
      INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
  endif()
  install(TARGETS agentaudit_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

  # The command writes its own manual and completions, so they cannot differ from it.
  set(pages "${PROJECT_BINARY_DIR}/pages")
  file(MAKE_DIRECTORY "${pages}")
  set(outputs)
  function(agentaudit_page file)
    add_custom_command(OUTPUT "${pages}/${file}"
      COMMAND agentaudit_cli ${ARGN} > "${pages}/${file}"
      DEPENDS agentaudit_cli VERBATIM)
    set(outputs ${outputs} "${pages}/${file}" PARENT_SCOPE)
  endfunction()
  agentaudit_page(agentaudit.1 man)
  agentaudit_page(agentaudit.bash completion bash)
  agentaudit_page(_agentaudit completion zsh)
  agentaudit_page(agentaudit.fish completion fish)
  add_custom_target(agentaudit_pages ALL DEPENDS ${outputs})

  install(FILES "${pages}/agentaudit.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
  install(FILES "${pages}/agentaudit.bash" RENAME agentaudit
    DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
  install(FILES "${pages}/_agentaudit" DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions")
  install(FILES "${pages}/agentaudit.fish"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
endif()

# agentaudit_document(FILE): what a document shows must work. Each ```cpp block is a
# program that is built and run; the ```sh blocks are run one after the other, with
# the command on the PATH and a new home directory. Blocks of other languages
# (```console, ```json …) are only shown.
function(agentaudit_document file)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${file}")
  string(MAKE_C_IDENTIFIER "${file}" name)
  string(REGEX REPLACE "_md$" "" name "${name}")
  string(TOLOWER "${name}" name)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/documents/${name}")

  file(READ "${PROJECT_SOURCE_DIR}/${file}" rest)
  set(programs 0)
  set(script "")
  while(TRUE)
    string(FIND "${rest}" "\n```" start)
    if(start EQUAL -1)
      break()
    endif()
    math(EXPR start "${start} + 4")
    string(SUBSTRING "${rest}" ${start} -1 rest)
    string(FIND "${rest}" "\n" line_end)
    string(FIND "${rest}" "\n```" end)
    string(SUBSTRING "${rest}" 0 ${line_end} language)
    math(EXPR length "${end} - ${line_end}")
    string(SUBSTRING "${rest}" ${line_end} ${length} block)
    math(EXPR end "${end} + 4")
    string(SUBSTRING "${rest}" ${end} -1 rest)

    if(language STREQUAL "cpp")
      math(EXPR programs "${programs} + 1")
      set(target "document_${name}_${programs}")
      file(CONFIGURE OUTPUT "${folder}/${programs}.cpp" CONTENT "@block@\n" @ONLY)
      add_executable(${target} "${folder}/${programs}.cpp")
      target_link_libraries(${target} PRIVATE agentaudit::agentaudit agentaudit_flags)
      add_test(NAME docs.${name}.program_${programs} COMMAND ${target} WORKING_DIRECTORY "${folder}")
    elseif(language STREQUAL "sh")
      string(APPEND script "${block}\n")
    endif()
  endwhile()

  if(script AND TARGET agentaudit_cli)
    file(CONFIGURE OUTPUT "${folder}/commands.sh" CONTENT "@script@" @ONLY)
    add_test(NAME docs.${name}.commands COMMAND bash -c
      "rm -rf home && mkdir home && cd home && env -u XDG_DATA_HOME -u AGENTAUDIT_STORE HOME=\"$PWD\" PATH=\"$1:$PATH\" bash -euo pipefail ../commands.sh"
      bash $<TARGET_FILE_DIR:agentaudit_cli>
      WORKING_DIRECTORY "${folder}")
  endif()
endfunction()

# cmake -DBUILD=… -DSOURCE=… -DGENERATOR=… -DCOMPILER=… -DFLAGS=… -P check.cmake
# Installs BUILD into a new prefix, then configures, builds and runs the project in
# SOURCE against it.
set(work "${BUILD}/consumer")
file(REMOVE_RECURSE "${work}")

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${work}/prefix")
run("${CMAKE_COMMAND}" -S "${SOURCE}" -B "${work}/build" -G "${GENERATOR}"
  "-DCMAKE_PREFIX_PATH=${work}/prefix" "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_FLAGS=${FLAGS}")
run("${CMAKE_COMMAND}" --build "${work}/build")
run("${work}/build/consumer")
run("${work}/prefix/bin/agentaudit" version)

foreach(file
    bin/agentaudit share/man/man1/agentaudit.1 share/bash-completion/completions/agentaudit
    share/zsh/site-functions/_agentaudit share/fish/vendor_completions.d/agentaudit.fish
    share/doc/agentaudit/LICENSE include/agentaudit/agentaudit.h)
  if(NOT EXISTS "${work}/prefix/${file}")
    message(FATAL_ERROR "cmake --install left out ${file}")
  endif()
endforeach()

# The dashboard: the files of web/ and the modules that `npm ci` brings, gzipped and put into
# the command with .incbin. There is no bundler: what is served is what stands there.
#
# agentaudit_dashboard(TARGET): adds it to the target; without npm's modules an empty list.
option(AGENTAUDIT_DASHBOARD "Put the dashboard into the command" ON)

set(agentaudit_web "${PROJECT_SOURCE_DIR}/web")

# agentaudit_dashboard_module(OUT SOURCE NAME [REPLACE FROM TO] [APPEND TEXT]): a file of
# node_modules under its own name. The browser finds modules by their address alone.
function(agentaudit_dashboard_module out source name)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "APPEND" "REPLACE")
  set(copy "${CMAKE_CURRENT_BINARY_DIR}/dashboard/${name}")
  set(source "${agentaudit_web}/node_modules/${source}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")
  file(READ "${source}" text)
  if(arg_REPLACE)
    list(GET arg_REPLACE 0 from)
    list(GET arg_REPLACE 1 to)
    string(FIND "${text}" "${from}" at)
    if(at EQUAL -1)
      message(FATAL_ERROR "${source} does not hold ${from} any more: adapt cmake/AgentauditDashboard.cmake")
    endif()
    string(REPLACE "${from}" "${to}" text "${text}")
  endif()
  # Maps are for who has the sources.
  string(REGEX REPLACE "//# sourceMappingURL=[^\n]*" "" text "${text}")
  file(CONFIGURE OUTPUT "${copy}" CONTENT "@text@@arg_APPEND@" @ONLY)
  list(APPEND ${out} "${copy}")
  set(${out} "${${out}}" PARENT_SCOPE)
endfunction()

function(agentaudit_dashboard target)
  set(files "")
  find_program(AGENTAUDIT_GZIP gzip)
  set(missing "")
  foreach(module preact/dist/preact.mjs preact/hooks/dist/hooks.mjs htm/dist/htm.mjs
                 uplot/dist/uPlot.iife.min.js uplot/dist/uPlot.min.css)
    if(NOT EXISTS "${agentaudit_web}/node_modules/${module}")
      set(missing "web/node_modules/${module}")
    endif()
  endforeach()
  if(NOT AGENTAUDIT_DASHBOARD)
    message(STATUS "The dashboard is left out, as asked")
  elseif(missing OR NOT AGENTAUDIT_GZIP)
    message(WARNING "The dashboard is left out: there is no ${missing}. "
      "`npm ci --ignore-scripts` in web/ brings it; `./dev setup` does so where there is npm.")
  else()
    agentaudit_dashboard_module(files preact/dist/preact.mjs preact.js)
    agentaudit_dashboard_module(files preact/hooks/dist/hooks.mjs hooks.js
      REPLACE "from\"preact\"" "from\"./preact.js\"")
    agentaudit_dashboard_module(files htm/dist/htm.mjs htm.js)
    # Of uPlot only the script is minified; with its last line it is a module.
    agentaudit_dashboard_module(files uplot/dist/uPlot.iife.min.js uplot.js
      APPEND "\nexport default uPlot;\n")
    agentaudit_dashboard_module(files uplot/dist/uPlot.min.css uplot.css)
    # Their licences ask to go with them.
    set(licences "")
    foreach(package preact htm uplot)
      file(READ "${agentaudit_web}/node_modules/${package}/LICENSE" text)
      string(APPEND licences "${package}\n\n${text}\n\n")
    endforeach()
    set(copy "${CMAKE_CURRENT_BINARY_DIR}/dashboard/licences.txt")
    file(CONFIGURE OUTPUT "${copy}" CONTENT "@licences@" @ONLY)
    list(APPEND files "${copy}")
    file(GLOB own CONFIGURE_DEPENDS "${agentaudit_web}/*.js" "${agentaudit_web}/*.css"
      "${agentaudit_web}/*.svg" "${agentaudit_web}/*.html")
    list(APPEND files ${own})
  endif()

  set(packed_files "")
  set(assembly "")
  set(declarations "")
  set(entries "")
  set(number 0)
  foreach(file IN LISTS files)
    cmake_path(GET file FILENAME name)
    set(packed "${CMAKE_CURRENT_BINARY_DIR}/dashboard/${name}.gz")
    add_custom_command(OUTPUT "${packed}" DEPENDS "${file}" VERBATIM
      COMMAND "${AGENTAUDIT_GZIP}" -9 -n -c "${file}" > "${packed}")
    list(APPEND packed_files "${packed}")
    set(symbol "agentaudit_asset_${number}")
    string(APPEND assembly "asm(R\"(.section .rodata\n.global ${symbol}\n.global ${symbol}_end\n"
      "${symbol}:\n.incbin \"${packed}\"\n${symbol}_end:\n.previous)\");\n")
    string(APPEND declarations "extern \"C\" const char ${symbol}[];\nextern \"C\" const char ${symbol}_end[];\n")
    string(APPEND entries "    {\"${name}\", ${symbol}, ${symbol}_end},\n")
    math(EXPR number "${number} + 1")
  endforeach()
  set(asset_list "${CMAKE_CURRENT_BINARY_DIR}/dashboard/asset_list.cpp")
  file(CONFIGURE OUTPUT "${asset_list}" @ONLY CONTENT
"// Made by cmake/AgentauditDashboard.cmake.
#include \"server/assets.h\"

@assembly@@declarations@
namespace agentaudit {

std::span<const PackedAsset> packed_assets() noexcept {
  static const std::array<PackedAsset, @number@> all = {{
@entries@  }};
  return all;
}

}  // namespace agentaudit
")
  set_source_files_properties("${asset_list}" PROPERTIES OBJECT_DEPENDS "${packed_files}")
  target_sources(${target} PRIVATE "${asset_list}")
endfunction()

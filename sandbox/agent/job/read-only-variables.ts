/** The variables that no step may set: those of the agent and of the service (the agent's `Constants.Variables.ReadOnlyVariables`). */

const areas: Readonly<Record<string, readonly string[]>> = {
  agent: [
    ...[
      "accepttoseula",
      "builddirectory",
      "cloudid",
      "containerid",
      "containermapping",
      "containernetwork",
      "diagnostic",
    ],
    ...["homedirectory", "id", "isselfhosted", "jobname", "jobstatus", "machinename", "name", "os", "osarchitecture"],
    ...["osversion", "proxybypasslist", "proxypassword", "proxyurl", "proxyusername", "readonlyvariables"],
    ...[
      "retaindefaultencoding",
      "rootdirectory",
      "runmode",
      "serveromdirectory",
      "services",
      "sslcainfo",
      "tempdirectory",
    ],
    ...["toolsdirectory", "usegitlongpaths", "version", "workfolder", "workingdirectory", "clean.builddirectory"],
    ...["source.git.lfs", "source.git.shallowfetchdepth", "source.skip"],
  ],
  build: [
    ...[
      "artifactstagingdirectory",
      "binariesdirectory",
      "clean",
      "definitionname",
      "gated.runci",
      "gated.shelvesetname",
    ],
    ...["buildnumber", "repository.clean", "repository.git.submodulecheckout", "repository.id", "repository.localpath"],
    ...["repository.name", "repository.provider", "repository.tfvc.workspace", "repository.uri", "sourcebranch"],
    ...["sourcetfvcshelveset", "sourceversion", "sourceversionauthor", "sourceversionmessage", "sourcesdirectory"],
    ...["stagingdirectory", "syncsources", "useserverworkspaces"],
  ],
  common: ["testresultsdirectory"],
  pipeline: ["workspace", "repository.name"],
  system: [
    ...[
      "accesstoken",
      "artifactsdirectory",
      "collectionid",
      "culture",
      "debug",
      "defaultworkingdirectory",
      "definitionid",
    ],
    ...[
      "definitionname",
      "enableaccesstoken",
      "hosttype",
      "isazurevm",
      "isdockercontainer",
      "jobattempt",
      "jobdisplayname",
    ],
    ...["jobid", "jobname", "phaseattempt", "phasedisplayname", "phasename", "planid", "prefergitfrompath"],
    ...["pullrequest.targetbranch", "selfmanagegitcreds", "servertype", "sourceversionmessage", "stageattempt"],
    ...["stagedisplayname", "stagename", "teamfoundationserveruri", "teamproject", "teamprojectid", "workfolder"],
  ],
  task: ["displayname", "skiptranslatorforcheckout", "publishtelemetry"],
};

const names = new Set(Object.entries(areas).flatMap(([area, those]) => those.map((name) => `${area}.${name}`)));

/** @param name In any case. */
export function isSystemReadOnly(name: string): boolean {
  return names.has(name.toLowerCase());
}

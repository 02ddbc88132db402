// The policy pack of this project: the rules of Wheelhouse; add your own as ownRules.
require("wheelhouse/policy").startPack({ folder: __dirname });

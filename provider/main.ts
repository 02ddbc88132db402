/** Starts the plugin `wheelhouse`: it writes the port that it listens on, and answers the engine until that stops it. */
import * as pulumi from "@pulumi/pulumi";
import { operateByPlugin } from "../components/operated-resource";
import { WheelhouseProvider } from "./host";

operateByPlugin();
void pulumi.provider.main(new WheelhouseProvider(), process.argv.slice(2));

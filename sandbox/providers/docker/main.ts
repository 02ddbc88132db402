/** Entry point of the plugin `pulumi-resource-docker`. */
import { serve } from "../server";
import { docker } from "./definition";

void serve(docker);

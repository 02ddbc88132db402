/** Entry point of the plugin `pulumi-resource-azuredevops`. */
import { serve } from "../server";
import { azuredevops } from "./definition";

void serve(azuredevops);
